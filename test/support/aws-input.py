"""Checks the input of an AWS operation against the service's own model, as the AWS clients do.

Arguments: service, operation, and for a part of the input the names that lead to it.
The input is JSON on standard input; what is wrong with it is printed, and makes the exit code 1.
"""

import json
import sys

import botocore.session
import botocore.validate

service, operation, *path = sys.argv[1:]
model = botocore.session.get_session().get_service_model(service)
shape = model.operation_model(operation).input_shape
for name in path:
    shape = shape.members[name]
report = botocore.validate.ParamValidator().validate(json.load(sys.stdin), shape)
if report.has_errors():
    print(report.generate_report())
    sys.exit(1)
