import { index, route } from '@react-router/dev/routes';
export default [
  index('routes/home.jsx'),
  route('orders', 'routes/orders.jsx', [route(':id', 'routes/order.jsx')]),
  route('broken', 'routes/broken.jsx'),
  route('account', 'routes/account.jsx'),
  route('late', 'routes/late.jsx'),
  route('cart', 'routes/cart.jsx'),
  route('api/stock/:id', 'routes/stock.js'),
  route('api/broken', 'routes/failing.js'),
];
