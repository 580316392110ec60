/** What has to exist before the first test; grows with the build. */
export default function setup(): void {}
