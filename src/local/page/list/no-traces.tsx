import type { JSX } from 'preact';
import { Copy } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';

/** Renders instructions until the first trace arrives. */
export function NoTraces(): JSX.Element {
  const command = `AWS_XRAY_DAEMON_ADDRESS=${location.host} node --import otel-xray/register app.js`;
  return (
    <Empty title="Waiting for the first trace">
      <p>Send the traces of your app here. They appear automatically.</p>
      <div class="command">
        <code>{command}</code>
        <Copy text={command} what="the command" />
      </div>
      <p class="muted">Apps with an X-Ray SDK, in any language, need only the variable.</p>
    </Empty>
  );
}
