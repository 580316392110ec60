export default function handler(request, response) {
  if (request.query.name === 'nobody') throw new TypeError('no name');
  response.json({ hello: request.query.name });
}
