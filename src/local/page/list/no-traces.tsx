import type { JSX } from 'preact';
import { Copy } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';

/** What to do before the first trace is here. */
export function NoTraces(): JSX.Element {
  const command = `AWS_XRAY_DAEMON_ADDRESS=${location.host} node --import otel-xray/register app.js`;
  return (
    <Empty title="Waiting for the first trace">
      <p>Send your app’s traces here; they appear by themselves.</p>
      <div class="command">
        <code>{command}</code>
        <Copy text={command} what="the command" />
      </div>
      <p class="muted">
        Apps with an X-Ray SDK of any language need the variable only. Nothing leaves this machine.
      </p>
    </Empty>
  );
}
