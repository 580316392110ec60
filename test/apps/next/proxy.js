import { NextResponse } from 'next/server';

// Next.js 15 calls this file and its function `middleware`; the test renames them.
export async function proxy(request) {
  const url = request.nextUrl.clone();
  if (url.pathname === '/orders/7') return NextResponse.next();
  if (url.pathname === '/dead') return NextResponse.rewrite('http://127.0.0.1:9/');
  if (url.pathname === '/old') {
    url.pathname = '/orders/1';
    return NextResponse.redirect(url);
  }
  url.pathname = url.pathname.replace('/shop', '/orders');
  return NextResponse.rewrite(url);
}

export const config = { matcher: ['/dead', '/old', '/shop/:path*', '/orders/7'] };
