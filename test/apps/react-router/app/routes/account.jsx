import { redirect } from 'react-router';
export const middleware = [
  ({ request }) => {
    if (request.url.endsWith('?broken')) throw new TypeError('no session');
    throw redirect('/');
  },
];
export const loader = () => null;
export default function Account() {
  return <p>account</p>;
}
