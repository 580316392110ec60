import { EventEmitter } from 'node:events';

/** A process, with an undocumented property that all emitters of Node.js have. */
type Limited = EventEmitter & { _maxListeners?: number | undefined };

/**
 * Raises the number of listeners above which Node.js warns, by those that are added for tracing to one
 * event, so that an app with ten listeners of its own gets no warning. The app can still change the
 * limit, its own or the default, and reads its own number.
 *
 * @returns restores the property
 */
export function allowMoreListeners(emitter: EventEmitter, count: number): () => void {
  const limited = emitter as Limited;
  let ofApp = limited._maxListeners;
  const limit = (): number => ofApp ?? EventEmitter.defaultMaxListeners;
  try {
    Object.defineProperties(limited, {
      _maxListeners: {
        configurable: true,
        enumerable: true,
        get: () => (limit() > 0 ? limit() + count : limit()),
        set(value: number) {
          ofApp = value;
        },
      },
      getMaxListeners: { configurable: true, writable: true, value: limit },
    });
  } catch {
    // An app that has sealed the object gets the warning.
    return () => {};
  }
  return () => {
    Reflect.deleteProperty(limited, 'getMaxListeners');
    const value = ofApp;
    Object.defineProperty(limited, '_maxListeners', {
      ...{ configurable: true, enumerable: true, writable: true, value },
    });
  };
}
