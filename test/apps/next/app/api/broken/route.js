export async function GET(request) {
  request.headers.get('host');
  throw new TypeError('no basket');
}
