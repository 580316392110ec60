import type { Node } from './node.ts';
import type { RootCause, RootCauseKind } from './root-causes.ts';

/** Returns a node as the API names it. */
export function serviceId({ name, type, accountId }: Node): object {
  return { Name: name, Names: [name], AccountId: accountId, Type: type };
}

/**
 * Returns a root cause in the shape of the API: fault and error causes have exceptions, response
 * times coverage.
 */
export function causeJson({ clientImpacting, services }: RootCause, kind: RootCauseKind): object {
  return {
    ClientImpacting: clientImpacting,
    Services: services.map(({ node, inferred, entities }) => ({
      ...serviceId(node),
      Inferred: inferred,
      EntityPath: entities.map(({ name, remote, exceptions, coverage }) => ({
        Name: name,
        Remote: remote,
        ...(kind === 'responsetime'
          ? { Coverage: coverage }
          : {
              Exceptions: exceptions.map((exception) => ({
                Name: exception.name,
                Message: exception.message,
              })),
            }),
      })),
    })),
  };
}
