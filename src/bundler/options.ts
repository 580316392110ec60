/** Options of the bundler plugins. */
export interface BundlerPluginOptions {
  /**
   * Whether packages of the X-Ray SDK (`aws-xray-sdk*`) in the bundle can be replaced by
   * `otel-xray/xray-sdk`. If `true`, which is the default, `OTEL_XRAY_SDK_FACADE` decides at run
   * time, as it does for an application without a bundle. With `false`, the X-Ray SDK is not changed.
   */
  readonly xraySdkFacade?: boolean | undefined;
}
