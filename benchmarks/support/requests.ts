/**
 * The requests of the rows `http`, `http-export` and `express`: several routes, methods and clients, with
 * queries and bodies, headers of a load balancer, and responses with status 200, 201, 404 and 500. The same
 * index gives the same request.
 */
const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'kube-probe/1.34',
  'node',
];
const STATES = ['open', 'paid', 'sent'];
/** The time in trace ids of a load balancer; X-Ray accepts those of the last 30 days. */
const SECONDS = Math.floor(Date.now() / 1_000).toString(16);

/** Returns the text of a request; of 20 in a row, one fails and two find nothing. */
export function requestOf(index: number): string {
  const id = (index * 37) % 997;
  const headers = headersOf(index);
  switch (index % 20) {
    case 3:
    case 9:
    case 15:
      return `GET /orders?state=${STATES[index % 3]}&page=${1 + (index % 9)} HTTP/1.1\r\n${headers}\r\n`;
    case 5:
    case 12:
      return withBody(`POST /orders HTTP/1.1\r\n${headers}`, `{"product":${id},"count":2}`);
    case 7:
    case 18:
      return `GET /orders/none-${id} HTTP/1.1\r\n${headers}\r\n`;
    case 10:
    case 16:
      return `GET /products/kettle-${id}/reviews?lang=en HTTP/1.1\r\n${headers}\r\n`;
    case 13:
      return `GET /reports/${id} HTTP/1.1\r\n${headers}\r\n`;
    default:
      return `GET /orders/${id} HTTP/1.1\r\n${headers}\r\n`;
  }
}

/** Returns header lines as browsers, load balancers and probes send them. */
function headersOf(index: number): string {
  const lines = ['Host: shop.example.com', `User-Agent: ${USER_AGENTS[index % 4]}`];
  if (index % 3 > 0) {
    const rest = (index + 1).toString(16).padStart(24, '0');
    lines.push(`X-Forwarded-For: 203.0.113.${index % 250}`, 'X-Forwarded-Proto: https');
    lines.push(`X-Amzn-Trace-Id: Root=1-${SECONDS}-${rest}`);
  }
  if (index % 5 === 1) lines.push('Accept: application/json', 'Authorization: Bearer abc.def.ghi');
  return lines.map((line) => `${line}\r\n`).join('');
}

function withBody(head: string, body: string): string {
  return `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
