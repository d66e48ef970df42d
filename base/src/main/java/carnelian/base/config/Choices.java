package carnelian.base.config;

/// The values of directives that name one thing of a few. A constant's word in the configuration is
/// its name in lower case with `-` for `_`; the order is the one in which errors list them.
public final class Choices {
  private Choices() {}

  /// `supervised`.
  public enum Supervised {
    UPSTART,
    SYSTEMD,
    AUTO,
    NO
  }

  /// `syslog-facility`.
  public enum SyslogFacility {
    USER,
    LOCAL0,
    LOCAL1,
    LOCAL2,
    LOCAL3,
    LOCAL4,
    LOCAL5,
    LOCAL6,
    LOCAL7
  }

  /// `repl-diskless-load`.
  public enum DisklessLoad {
    DISABLED,
    ON_EMPTY_DB,
    SWAPDB
  }

  /// `loglevel`.
  public enum LogLevel {
    DEBUG,
    VERBOSE,
    NOTICE,
    WARNING
  }

  /// `maxmemory-policy`.
  public enum MaxmemoryPolicy {
    VOLATILE_LRU,
    VOLATILE_LFU,
    VOLATILE_RANDOM,
    VOLATILE_TTL,
    ALLKEYS_LRU,
    ALLKEYS_LFU,
    ALLKEYS_RANDOM,
    NOEVICTION
  }

  /// `appendfsync`.
  public enum AppendFsync {
    EVERYSEC,
    ALWAYS,
    NO
  }

  /// `oom-score-adj`. [#RELATIVE] is another word for [#YES].
  public enum OomScoreAdj {
    NO,
    YES,
    RELATIVE,
    ABSOLUTE
  }

  /// `acl-pubsub-default`.
  public enum AclPubsubDefault {
    ALLCHANNELS,
    RESETCHANNELS
  }

  /// `sanitize-dump-payload`.
  public enum SanitizeDumpPayload {
    NO,
    YES,
    CLIENTS
  }

  /// `enable-debug-command` and its like: who may do what is dangerous.
  public enum ProtectedAction {
    NO,
    YES,
    LOCAL
  }

  /// `tls-auth-clients`.
  public enum TlsAuthClients {
    NO,
    YES,
    OPTIONAL
  }

  /// `cluster-preferred-endpoint-type`.
  public enum EndpointType {
    IP,
    HOSTNAME,
    UNKNOWN_ENDPOINT
  }

  /// `propagation-error-behavior`.
  public enum PropagationErrorBehavior {
    IGNORE,
    PANIC,
    PANIC_ON_REPLICAS
  }

  /// `shutdown-on-sigterm`, `shutdown-on-sigint`: any of them together. None is `default`.
  public enum ShutdownFlag {
    SAVE,
    NOSAVE,
    NOW,
    FORCE
  }
}
