import { Outlet } from 'react-router';
export const loader = () => ({ user: 'ann' });
export default function Orders() {
  return <Outlet />;
}
