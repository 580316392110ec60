/** The parts of AWS's durable execution SDK that tests use; its own types do not compile strictly. */

export interface DurableContext {
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  waitForCallback(name: string, submit: () => Promise<void>): Promise<unknown>;
}

export type DurableHandler = (event: unknown, context: DurableContext) => Promise<unknown>;

/** Returns a Lambda handler. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of a Lambda handler
export function withDurableExecution(handler: DurableHandler): (...args: any[]) => Promise<unknown>;

export interface Execution {
  getStatus(): string;
  getResult(): unknown;
}

/** Runs a durable function in this process, with one invocation for each replay. */
export class LocalDurableTestRunner {
  static setupTestEnvironment(options: { readonly skipTime: boolean }): Promise<void>;
  static teardownTestEnvironment(): Promise<void>;
  constructor(options: { readonly handlerFunction: unknown });
  getOperation(name: string): { sendCallbackSuccess(result: string): Promise<unknown> };
  run(options: { readonly payload: unknown }): Promise<Execution>;
}
