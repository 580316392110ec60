export const packages = ['nodemailer', 'smtp-server'];

export default async ([{ createTransport, ...all }, { SMTPServer }], runSteps) => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('nobody') ? new Error('no such mailbox') : undefined),
    onData(stream, _session, done) {
      stream.resume().on('end', done);
    },
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address();
  const mail = createTransport({ host: '127.0.0.1', port });
  const message = (to) => ({ from: 'shop@example.com', to, subject: 'secret', text: 'secret' });
  await runSteps({
    sends: async () => (await mail.sendMail(message('ann@example.com'))).accepted,
    'sends with a callback': () =>
      new Promise((resolve, reject) => {
        mail.sendMail(message('ann@example.com'), (error, { accepted } = {}) =>
          error ? reject(error) : resolve(accepted),
        );
      }),
    'sends by the default export': async () =>
      (await all.default.createTransport({ host: '127.0.0.1', port }).sendMail(message('b@c.de')))
        .accepted,
    'is refused': () => mail.sendMail(message('nobody@example.com')),
    'has no server': () =>
      createTransport({ host: '127.0.0.1', port: 1 })
        .sendMail(message('ann@example.com'))
        .catch(({ code }) => code),
    'sends nothing': async () =>
      (await createTransport({ jsonTransport: true }).sendMail(message('ann@example.com'))).envelope
        .to,
  });
  server.close();
};
