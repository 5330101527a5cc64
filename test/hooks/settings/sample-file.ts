/** The sample of the specification of event hooks, as written there. */
export const sampleFile = `# hooks.yaml
hooks:
  default_config:
    timeout: "30s"
    concurrency: 10
    retry:
      max_attempts: 3
      initial_delay: "1s"
      backoff_strategy: "exponential"
  
  scripts:
    - event_types: ["connection_accept", "connection_close"]
      script: "/opt/scripts/connection-monitor.sh"
      filter:
        stream_patterns: ["live/*"]
        rate_limit:
          max_events: 100
          time_window: "1m"
    
  webhooks:
    - event_types: ["publish_start", "codec_detected"]
      url: "https://api.example.com/rtmp-events"
      auth:
        type: "hmac"
        secret: "\${WEBHOOK_SECRET}"
      filter:
        conditions:
          - field: "data.bitrate"
            operator: "gt"
            value: 1000000

  stdio:
    format: "json"
    filter:
      min_severity: "info"
`;
