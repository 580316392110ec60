/** Answers each command of a socket with OK; a command starts with the number of its parts. */
exports.answerCommands = (socket) => {
  socket.on('data', (data) => {
    const commands = data.toString().match(/(?:^|\n)\*\d+\r/g) ?? [];
    socket.write('+OK\r\n'.repeat(commands.length));
  });
};
