/** @throws {Error} if the work takes longer than the limit */
export function withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no response in time')), limitMs);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
