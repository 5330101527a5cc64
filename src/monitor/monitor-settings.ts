/** What the monitors look for. Percentages are 0 to 100. */
export interface MonitorSettings {
  readonly isEnabled: boolean;
  readonly bitrateChangePercent: number;
  readonly framerateDropPercent: number;
  readonly resolutionChange: boolean;
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Undefined for no alert. */
  readonly connections: number | undefined;
  readonly queueDepth: number | undefined;
  readonly handshakeMs: number;
  readonly processingMs: number;
  readonly hookMs: number;
  readonly diskPercent: number;
  readonly openFilesPercent: number;
  readonly eventLoopLagMs: number;
  readonly residentBytes: number | undefined;
  /** How full the store of the hooks may be; 80 where it is not given. */
  readonly hookStorePercent?: number;
}
