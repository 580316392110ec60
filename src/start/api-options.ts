import type { Config } from '../config.ts';
import type { XRayExporterOptions } from '../exporter/index.ts';
import type { MakeClient } from '../sampler/client.ts';
import type { XRayApi } from '../xray-api/api.ts';
import { openXRayApi } from '../xray-api/client.ts';
import { apiSamplingClient, daemonOrApiClient } from '../xray-api/sampling-client.ts';
import { platformRegion } from './platform-region.ts';

/** One client for exporter and sampler. */
let api: XRayApi | undefined;
/** Whether the exporter found no daemon. Before, the sampler neither loads the client nor asks for credentials. */
let isChosen = false;

function openOnce(): XRayApi {
  api ??= openXRayApi({ platformRegion });
  return api;
}

/** Returns the exporter's option for a transport. */
export function apiOptions(transport: Config['transport']): XRayExporterOptions['api'] {
  if (transport === 'udp') return undefined;
  const onChosen = () => {
    isChosen = true;
  };
  return { mode: transport, open: openOnce, onChosen };
}

/** Returns a function that wraps the sampler's daemon client for the configured transport. */
export function samplingClient(transport: Config['transport']): MakeClient | undefined {
  if (transport === 'udp') return undefined;
  return (daemon, wallMs) => {
    if (transport === 'api') return apiSamplingClient(openOnce, wallMs);
    const ifChosen = () => {
      if (!isChosen) throw new Error('there may be a daemon');
      return openOnce();
    };
    return daemonOrApiClient(daemon, apiSamplingClient(ifChosen, wallMs));
  };
}
