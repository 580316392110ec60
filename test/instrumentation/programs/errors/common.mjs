/** An error of the app. */
export class Broken extends Error {
  name = 'Broken';
}

/** What the request to `/WHERE/STATUS` or `/WHERE/STATUS/text` raises. */
export function thrown(url) {
  const [, where, status, form] = url.split('/');
  const code = Number(status);
  return form === 'text'
    ? where
    : Object.assign(new Broken(where), { status: code, statusCode: code });
}

/** The status with which the app answers, also an error that is a text. */
export function statusOf(url) {
  return Number(url.split('/')[2]);
}

/** Whether the app leaves its errors to the framework. */
export const isPlain = process.argv.includes('--plain');

export function listening(server) {
  console.log(`listening on ${server.address().port}`);
}
