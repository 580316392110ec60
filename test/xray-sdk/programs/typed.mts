// roots: 1
import AWSXRay, { type Segment, type Subsegment } from 'aws-xray-sdk-core';

function annotate(entity: Segment | Subsegment, key: string): void {
  entity.addAnnotation(key, 1);
}

const segment: Segment = new AWSXRay.Segment('typed');
annotate(segment, 'on_segment');
const subsegment: Subsegment = segment.addNewSubsegment('typed child');
annotate(subsegment, 'on_subsegment');
subsegment.close();
segment.close();
