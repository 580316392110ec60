/** Returns ids that count up from 1, so that equal spans produce equal documents. */
export function numberedIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return count.toString(16).padStart(16, '0');
  };
}
