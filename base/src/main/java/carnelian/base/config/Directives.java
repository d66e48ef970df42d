package carnelian.base.config;

import carnelian.base.config.Choices.AclPubsubDefault;
import carnelian.base.config.Choices.AppendFsync;
import carnelian.base.config.Choices.DisklessLoad;
import carnelian.base.config.Choices.EndpointType;
import carnelian.base.config.Choices.LogLevel;
import carnelian.base.config.Choices.MaxmemoryPolicy;
import carnelian.base.config.Choices.OomScoreAdj;
import carnelian.base.config.Choices.PropagationErrorBehavior;
import carnelian.base.config.Choices.ProtectedAction;
import carnelian.base.config.Choices.SanitizeDumpPayload;
import carnelian.base.config.Choices.ShutdownFlag;
import carnelian.base.config.Choices.Supervised;
import carnelian.base.config.Choices.SyslogFacility;
import carnelian.base.config.Choices.TlsAuthClients;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// Every directive, in the order of `carnelian.conf`: the one table behind the configuration file,
/// CONFIG and the reference.
///
/// A row is a name, a default and, if needed, its range and its traits; the first word says the
/// kind. A row whose subsystem does not exist yet says which one it `awaits`; one that has nothing
/// to do in Carnelian is `moot`, with the reason. Both are accepted and kept.
public final class Directives {
  private static final int INT_MAX = Integer.MAX_VALUE;
  private static final long LONG_MAX = Long.MAX_VALUE;
  private static final long MIB = 1L << 20;
  private static final String TITLE = "{title} {listen-addr} {server-mode}";
  private static final List<SavePoint> SAVE_POINTS =
      List.of(new SavePoint(3600, 1), new SavePoint(300, 100), new SavePoint(60, 10_000));
  private static final OutputBufferLimits BUFFER_LIMITS =
      new OutputBufferLimits(
          new OutputBufferLimits.Limit(0, 0, 0),
          new OutputBufferLimits.Limit(256 * MIB, 64 * MIB, 60),
          new OutputBufferLimits.Limit(32 * MIB, 8 * MIB, 60));

  private static final SequencedMap<String, List<Directive<?>>> SECTIONS = new LinkedHashMap<>();

  private Directives() {}

  // spotless:off: a table, two or three lines a row.


  // ---- Include, modules ----------------------------------------------------
  static { section("Include, modules"); }
  public static final Directive<List<List<String>>> LOADMODULE = add(
      statements("loadmodule", 1, 1024).awaits("modules")
      .doc("A module to load at start. Carnelian has none yet and does not start with this line."));

  // ---- Network -------------------------------------------------------------
  static { section("Network"); }
  public static final Directive<List<String>> BIND = add(
      row("bind", new ListTypes.Addresses(), List.of("*", "-::*")).doc("Addresses to listen on."));
  public static final Directive<String> BIND_SOURCE_ADDR = add(
      name("bind-source-addr")
      .doc("Address from which connections to other servers are made."));
  public static final Directive<Boolean> PROTECTED_MODE = add(flag("protected-mode", true)
      .doc("Without a password, only local clients are let in."));
  public static final Directive<ProtectedAction> ENABLE_PROTECTED_CONFIGS = add(
      choice("enable-protected-configs", ProtectedAction.NO).immutable()
      .doc("Who may set dir and dbfilename at run time."));
  public static final Directive<ProtectedAction> ENABLE_DEBUG_COMMAND = add(
      choice("enable-debug-command", ProtectedAction.NO).immutable().doc("Who may use DEBUG."));
  public static final Directive<ProtectedAction> ENABLE_MODULE_COMMAND = add(
      choice("enable-module-command", ProtectedAction.NO).immutable().awaits("modules")
      .doc("Who may use MODULE."));
  public static final Directive<Integer> PORT = add(
      number("port", "TCP port", 6379).between(0, 65535).doc("Port to listen on; 0 means none."));
  public static final Directive<Integer> TCP_BACKLOG = add(
      number("tcp-backlog", "connections", 511).immutable()
      .doc("Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn."));
  public static final Directive<String> UNIXSOCKET = add(path("unixsocket").immutable()
      .doc("Unix socket to listen on."));
  public static final Directive<Integer> UNIXSOCKETPERM = add(octal("unixsocketperm").immutable()
      .doc("Permissions of the Unix socket; 0 leaves them to the umask."));
  public static final Directive<Integer> TIMEOUT = add(number("timeout", "seconds", 0)
      .doc("Closes a client that has been idle for so long; 0 means never."));
  public static final Directive<Integer> TCP_KEEPALIVE = add(number("tcp-keepalive", "seconds", 300)
      .doc("Silence after which the kernel probes a connection; 0 means never."));
  public static final Directive<Long> SOCKET_MARK_ID = add(
      wide("socket-mark-id", "mark", 0, 0xFFFF_FFFFL).immutable().moot("Java sets no SO_MARK")
      .doc("Mark for packet filters on all sockets."));

  // ---- TLS -----------------------------------------------------------------
  static { section("TLS"); }
  public static final Directive<Integer> TLS_PORT = add(
      number("tls-port", "TCP port", 0).between(0, 65535)
      .doc("Port to listen on with TLS; 0 means none."));
  public static final Directive<String> TLS_CERT_FILE = add(path("tls-cert-file").reapplied()
      .doc("Certificate of the server (PEM)."));
  public static final Directive<String> TLS_KEY_FILE = add(path("tls-key-file").reapplied()
      .doc("Private key of the server (PEM)."));
  public static final Directive<String> TLS_KEY_FILE_PASS = add(name("tls-key-file-pass").secret()
      .doc("Password of the private key."));
  public static final Directive<String> TLS_CLIENT_CERT_FILE = add(
      path("tls-client-cert-file").reapplied().awaits("replication")
      .doc("Certificate for connections to other servers."));
  public static final Directive<String> TLS_CLIENT_KEY_FILE = add(
      path("tls-client-key-file").reapplied().awaits("replication")
      .doc("Private key for connections to other servers."));
  public static final Directive<String> TLS_CLIENT_KEY_FILE_PASS = add(
      name("tls-client-key-file-pass").secret().awaits("replication").doc("Password of that key."));
  public static final Directive<String> TLS_DH_PARAMS_FILE = add(
      path("tls-dh-params-file").reapplied().moot("Java chooses the groups")
      .doc("Diffie-Hellman parameters of old ciphers."));
  public static final Directive<String> TLS_CA_CERT_FILE = add(path("tls-ca-cert-file").reapplied()
      .doc("Authorities whose certificates are trusted (PEM)."));
  public static final Directive<String> TLS_CA_CERT_DIR = add(path("tls-ca-cert-dir").reapplied()
      .doc("Directory of trusted authorities."));
  public static final Directive<TlsAuthClients> TLS_AUTH_CLIENTS = add(
      choice("tls-auth-clients", TlsAuthClients.YES)
      .doc("Whether clients must show a certificate."));
  public static final Directive<Boolean> TLS_REPLICATION = add(
      flag("tls-replication", false).awaits("replication")
      .doc("Whether the link to the primary uses TLS."));
  public static final Directive<Boolean> TLS_CLUSTER = add(
      flag("tls-cluster", false).awaits("cluster").doc("Whether the cluster bus uses TLS."));
  public static final Directive<String> TLS_PROTOCOLS = add(name("tls-protocols")
      .doc("Versions that are offered, such as TLSv1.2 TLSv1.3."));
  public static final Directive<String> TLS_CIPHERS = add(name("tls-ciphers")
      .doc("Ciphers up to TLS 1.2."));
  public static final Directive<String> TLS_CIPHERSUITES = add(name("tls-ciphersuites")
      .doc("Ciphers of TLS 1.3."));
  public static final Directive<Boolean> TLS_PREFER_SERVER_CIPHERS = add(
      flag("tls-prefer-server-ciphers", false).doc("Whether the order of the server decides."));
  public static final Directive<Boolean> TLS_SESSION_CACHING = add(flag("tls-session-caching", true)
      .doc("Whether sessions may be resumed."));
  public static final Directive<Integer> TLS_SESSION_CACHE_SIZE = add(
      number("tls-session-cache-size", "sessions", 20480)
      .doc("Sessions remembered; 0 means no limit."));
  public static final Directive<Integer> TLS_SESSION_CACHE_TIMEOUT = add(
      number("tls-session-cache-timeout", "seconds", 300).doc("How long a session is remembered."));

  // ---- General -------------------------------------------------------------
  static { section("General"); }
  public static final Directive<Boolean> DAEMONIZE = add(
      flag("daemonize", false).immutable().moot("a JVM cannot fork; use systemd, setsid or &")
      .doc("Run in the background."));
  public static final Directive<Supervised> SUPERVISED = add(
      choice("supervised", Supervised.NO).immutable().awaits("service supervision")
      .doc("Which supervisor is told that the server is ready."));
  public static final Directive<String> PIDFILE = add(path("pidfile").immutable()
      .doc("File that holds the process id while the server runs."));
  public static final Directive<LogLevel> LOGLEVEL = add(choice("loglevel", LogLevel.NOTICE)
      .doc("The least weight of what is logged."));
  public static final Directive<String> LOGFILE = add(
      row("logfile", new TextType(false, "path", null), "").immutable()
      .doc("Where the log goes; empty means standard output."));
  public static final Directive<Boolean> SYSLOG_ENABLED = add(
      flag("syslog-enabled", false).immutable().awaits("syslog")
      .doc("Whether the log goes to syslog too."));
  public static final Directive<String> SYSLOG_IDENT = add(
      text("syslog-ident", "redis").immutable().awaits("syslog").doc("Name in syslog."));
  public static final Directive<SyslogFacility> SYSLOG_FACILITY = add(
      choice("syslog-facility", SyslogFacility.LOCAL0).immutable().awaits("syslog")
      .doc("Facility in syslog."));
  public static final Directive<Boolean> CRASH_LOG_ENABLED = add(flag("crash-log-enabled", true)
      .doc("Whether a fatal signal is written to the log."));
  public static final Directive<Boolean> CRASH_MEMCHECK_ENABLED = add(
      flag("crash-memcheck-enabled", true).moot("the JVM checks its memory itself")
      .doc("Whether memory is tested after a crash."));
  public static final Directive<Integer> DATABASES = add(
      number("databases", "databases", 16).between(1, INT_MAX).immutable()
      .doc("How many databases SELECT knows."));
  public static final Directive<Boolean> ALWAYS_SHOW_LOGO = add(
      flag("always-show-logo", false).immutable()
      .doc("Whether the logo is shown also when the log is no terminal."));
  public static final Directive<Boolean> SET_PROC_TITLE = add(
      flag("set-proc-title", true).immutable().moot("Java cannot change its title")
      .doc("Whether ps shows address and mode."));
  public static final Directive<String> PROC_TITLE_TEMPLATE = add(row("proc-title-template",
      new TextType(false, "template", TextType::titleTemplate), TITLE)
      .moot("Java cannot change its title").doc("What ps shows."));
  public static final Directive<String> LOCALE_COLLATE = add(
      text("locale-collate", "").moot("SORT ALPHA compares as the C locale does")
      .doc("Locale by which SORT ALPHA compares."));

  // ---- Snapshotting --------------------------------------------------------
  static { section("Snapshotting"); }
  public static final Directive<List<SavePoint>> SAVE = add(
      row("save", new ListTypes.SavePoints(), SAVE_POINTS)
      .doc("Save a snapshot after so many seconds if there were so many changes."));
  public static final Directive<Boolean> STOP_WRITES_ON_BGSAVE_ERROR = add(
      flag("stop-writes-on-bgsave-error", true)
      .doc("Whether writes are refused while snapshots fail."));
  public static final Directive<Boolean> RDBCOMPRESSION = add(flag("rdbcompression", true)
      .doc("Whether long strings in snapshots are compressed."));
  public static final Directive<Boolean> RDBCHECKSUM = add(flag("rdbchecksum", true).immutable()
      .doc("Whether a snapshot ends with a checksum, and is checked against it."));
  static final int RDB_VERSION_AUTO = 0;

  public static final Directive<Integer> RDB_VERSION = add(
      row("rdb-version", new RdbVersionType(), RDB_VERSION_AUTO)
      .doc("Format that snapshots are written in: 9 is read since Redis 5, 10 since 7.0, 11 "
          + "since 7.2, 12 since 7.4. Only 12 holds deadlines of fields; auto is 10, and 12 as "
          + "soon as there is one."));
  public static final Directive<SanitizeDumpPayload> SANITIZE_DUMP_PAYLOAD = add(
      choice("sanitize-dump-payload", SanitizeDumpPayload.NO)
      .doc("How deeply loaded data is checked. Carnelian always checks it fully."));
  public static final Directive<String> DBFILENAME = add(
      row("dbfilename", fileName("dbfilename", "filename"), "dump.rdb").guarded()
      .doc("Name of the snapshot file."));
  public static final Directive<Boolean> RDB_DEL_SYNC_FILES = add(
      flag("rdb-del-sync-files", false).awaits("replication")
      .doc("Whether snapshots made for replicas are deleted when nothing else needs them."));
  public static final Directive<Boolean> RDB_SAVE_INCREMENTAL_FSYNC = add(
      flag("rdb-save-incremental-fsync", true)
      .doc("Whether a snapshot is flushed to disk every 4 MB rather than at its end."));
  public static final Directive<Path> DIR = add(
      row("dir", new DirectoryType(), Path.of("")).guarded().notWhileLoading()
      .doc("Directory of all files; relative paths start from it."));

  // ---- Replication ---------------------------------------------------------
  static { section("Replication"); }
  public static final Directive<ReplicaOf> REPLICAOF = add(
      row("replicaof", new ListTypes.Primary(), ReplicaOf.NO_ONE).alias("slaveof").immutable()
      .doc("Whose copy this server is."));
  public static final Directive<String> MASTERAUTH = add(
      name("masterauth").secret().doc("Password for the primary."));
  public static final Directive<String> MASTERUSER = add(
      name("masteruser").secret().doc("User for the primary."));
  public static final Directive<Boolean> REPLICA_SERVE_STALE_DATA = add(
      flag("replica-serve-stale-data", true).alias("slave-serve-stale-data")
      .doc("Whether a replica without a primary answers."));
  public static final Directive<Boolean> REPLICA_READ_ONLY = add(
      flag("replica-read-only", true).alias("slave-read-only")
      .doc("Whether a replica refuses writes."));
  public static final Directive<Boolean> REPL_DISKLESS_SYNC = add(
      flag("repl-diskless-sync", true)
      .doc("Whether a full sync is sent without a file."));
  public static final Directive<Integer> REPL_DISKLESS_SYNC_DELAY = add(
      number("repl-diskless-sync-delay", "seconds", 5)
      .doc("How long a full sync waits for more replicas."));
  public static final Directive<Integer> REPL_DISKLESS_SYNC_MAX_REPLICAS = add(
      number("repl-diskless-sync-max-replicas", "replicas", 0)
      .doc("Replicas after which it waits no longer; 0 means no limit."));
  public static final Directive<DisklessLoad> REPL_DISKLESS_LOAD = add(
      choice("repl-diskless-load", DisklessLoad.DISABLED).notWhileLoading().awaits("replication")
      .doc("Whether a replica loads from the socket."));
  public static final Directive<Integer> REPL_PING_REPLICA_PERIOD = add(
      number("repl-ping-replica-period", "seconds", 10).between(1, INT_MAX)
      .alias("repl-ping-slave-period")
      .doc("How often a primary pings its replicas."));
  public static final Directive<Integer> REPL_TIMEOUT = add(
      number("repl-timeout", "seconds", 60).between(1, INT_MAX)
      .doc("Silence after which a link counts as dead."));
  public static final Directive<Boolean> REPL_DISABLE_TCP_NODELAY = add(
      flag("repl-disable-tcp-nodelay", false).awaits("replication")
      .doc("Whether small packets to replicas are gathered."));
  public static final Directive<Long> REPL_BACKLOG_SIZE = add(
      bytes("repl-backlog-size", 1 * MIB).between(1, LONG_MAX)
      .doc("How much of the stream is kept for replicas that come back."));
  public static final Directive<Long> REPL_BACKLOG_TTL = add(
      wide("repl-backlog-ttl", "seconds", 3600, LONG_MAX)
      .doc("How long it is kept without a replica; 0 means for ever."));
  public static final Directive<Integer> REPLICA_PRIORITY = add(
      number("replica-priority", "rank", 100).alias("slave-priority")
      .doc("Sentinel promotes the lowest; 0 never."));
  public static final Directive<PropagationErrorBehavior> PROPAGATION_ERROR_BEHAVIOR = add(
      choice("propagation-error-behavior", PropagationErrorBehavior.IGNORE)
      .doc("What happens when a replicated command fails."));
  public static final Directive<Boolean> REPLICA_IGNORE_DISK_WRITE_ERRORS = add(
      flag("replica-ignore-disk-write-errors", false).awaits("replication")
      .doc("Whether a replica goes on when it cannot write to disk."));
  public static final Directive<Boolean> REPLICA_ANNOUNCED = add(
      flag("replica-announced", true)
      .doc("Whether Sentinel shows this replica."));
  public static final Directive<Boolean> REPLICA_LAZY_FLUSH = add(
      flag("replica-lazy-flush", false).alias("slave-lazy-flush").awaits("replication")
      .doc("Whether a replica frees its old data in the background."));
  public static final Directive<Integer> MIN_REPLICAS_TO_WRITE = add(
      number("min-replicas-to-write", "replicas", 0).alias("min-slaves-to-write")
      .doc("Writes are refused with fewer good replicas."));
  public static final Directive<Integer> MIN_REPLICAS_MAX_LAG = add(
      number("min-replicas-max-lag", "seconds", 10).alias("min-slaves-max-lag")
      .doc("Lag up to which a replica is good; 0 switches the rule off."));
  public static final Directive<String> REPLICA_ANNOUNCE_IP = add(
      name("replica-announce-ip").alias("slave-announce-ip")
      .doc("Address that a replica names to its primary."));
  public static final Directive<Integer> REPLICA_ANNOUNCE_PORT = add(
      number("replica-announce-port", "TCP port", 0).between(0, 65535).alias("slave-announce-port")
      .doc("Port that a replica names to its primary."));

  // ---- Keys tracking -------------------------------------------------------
  static { section("Keys tracking"); }
  public static final Directive<Long> TRACKING_TABLE_MAX_KEYS = add(
      wide("tracking-table-max-keys", "keys", 1_000_000, LONG_MAX)
      .doc("Keys remembered for client-side caching; 0 means no limit."));

  // ---- Security ------------------------------------------------------------
  static { section("Security"); }
  public static final Directive<String> REQUIREPASS = add(name("requirepass").secret()
      .doc("Password of the default user."));
  public static final Directive<List<List<String>>> USER = add(
      statements("user", 1, 65536).doc("A user and its rules."));
  public static final Directive<String> ACLFILE = add(
      row("aclfile", new TextType(false, "path", null), "").immutable()
      .doc("File of users."));
  public static final Directive<Long> ACLLOG_MAX_LEN = add(
      wide("acllog-max-len", "entries", 128, LONG_MAX)
      .doc("Entries that ACL LOG keeps."));
  public static final Directive<AclPubsubDefault> ACL_PUBSUB_DEFAULT = add(
      choice("acl-pubsub-default", AclPubsubDefault.RESETCHANNELS)
      .doc("Channels that new users may use."));
  public static final Directive<List<List<String>>> RENAME_COMMAND = add(
      statements("rename-command", 2, 2)
      .doc("Gives a command another name; an empty one removes it."));

  // ---- Clients -------------------------------------------------------------
  static { section("Clients"); }
  public static final Directive<Long> MAXCLIENTS = add(
      wide("maxclients", "clients", 10_000, 0xFFFF_FFFFL).between(1, 0xFFFF_FFFFL)
      .doc("Clients that may be connected at once."));
  public static final Directive<Long> CLIENT_QUERY_BUFFER_LIMIT = add(
      bytes("client-query-buffer-limit", 1024 * MIB).between(MIB, LONG_MAX)
      .doc("Unprocessed input of a client at which it is closed."));
  public static final Directive<OutputBufferLimits> CLIENT_OUTPUT_BUFFER_LIMIT = add(
      row("client-output-buffer-limit", new ListTypes.BufferLimits(), BUFFER_LIMITS)
      .doc("Unread output at which a client is closed, by class."));
  public static final Directive<Long> MAXMEMORY_CLIENTS = add(
      row("maxmemory-clients", NumberType.longs("bytes or a percentage of maxmemory",
      NumberType.Form.MEMORY, NumberType.Form.PERCENT), 0L).between(-100, LONG_MAX)
      .doc("Memory of all clients together, above which the largest are closed; 0 means no "
          + "limit."));
  public static final Directive<Long> PROTO_MAX_BULK_LEN = add(
      bytes("proto-max-bulk-len", 512 * MIB).between(MIB, LONG_MAX)
      .doc("Longest single argument."));

  // ---- Memory management ---------------------------------------------------
  static { section("Memory management"); }
  public static final Directive<Long> MAXMEMORY = add(bytes("maxmemory", 0).between(0, -1)
      .doc("Limit on the memory for data; 0 means none."));
  public static final Directive<MaxmemoryPolicy> MAXMEMORY_POLICY = add(
      choice("maxmemory-policy", MaxmemoryPolicy.NOEVICTION)
      .doc("What gives way when the limit is reached."));
  public static final Directive<Integer> MAXMEMORY_SAMPLES = add(
      number("maxmemory-samples", "keys", 5).between(1, INT_MAX)
      .doc("Keys that are compared to find one to evict."));
  public static final Directive<Integer> MAXMEMORY_EVICTION_TENACITY = add(
      number("maxmemory-eviction-tenacity", "effort", 10).between(0, 100)
      .doc("How long a command may be held up by eviction."));
  public static final Directive<Boolean> REPLICA_IGNORE_MAXMEMORY = add(
      flag("replica-ignore-maxmemory", true).alias("slave-ignore-maxmemory")
      .doc("Whether a replica leaves eviction to its primary."));
  public static final Directive<Integer> ACTIVE_EXPIRE_EFFORT = add(
      number("active-expire-effort", "effort", 1).between(1, 10)
      .doc("How much work goes into expiring keys. Carnelian expires by deadline and needs no "
          + "more."));
  public static final Directive<Integer> LFU_LOG_FACTOR = add(number("lfu-log-factor", "factor", 10)
      .doc("How many hits it takes to raise the frequency counter."));
  public static final Directive<Integer> LFU_DECAY_TIME = add(number("lfu-decay-time", "minutes", 1)
      .doc("After how long the counter falls by one."));

  // ---- Lazy freeing --------------------------------------------------------
  static { section("Lazy freeing"); }
  public static final Directive<Boolean> LAZYFREE_LAZY_EVICTION = add(
      flag("lazyfree-lazy-eviction", false)
      .doc("Whether memory is freed in the background: evicted keys."));
  public static final Directive<Boolean> LAZYFREE_LAZY_EXPIRE = add(
      flag("lazyfree-lazy-expire", false)
      .doc("Whether memory is freed in the background: expired keys."));
  public static final Directive<Boolean> LAZYFREE_LAZY_SERVER_DEL = add(
      flag("lazyfree-lazy-server-del", false)
      .doc("Whether memory is freed in the background: overwritten values."));
  public static final Directive<Boolean> LAZYFREE_LAZY_USER_DEL = add(
      flag("lazyfree-lazy-user-del", false).doc("Whether memory is freed in the background: DEL."));
  public static final Directive<Boolean> LAZYFREE_LAZY_USER_FLUSH = add(
      flag("lazyfree-lazy-user-flush", false)
      .doc("Whether memory is freed in the background: FLUSHDB and FLUSHALL."));

  // ---- Threads -------------------------------------------------------------
  static { section("Threads"); }
  public static final Directive<Integer> IO_THREADS = add(
      number("io-threads", "threads", 1).between(1, 128).immutable()
      .doc("Threads that read, parse and write; 1 means the engine does it itself."));
  public static final Directive<Boolean> IO_THREADS_DO_READS = add(
      flag("io-threads-do-reads", false).immutable().moot("I/O threads always read")
      .doc("Whether I/O threads read too."));

  // ---- Kernel --------------------------------------------------------------
  static { section("Kernel"); }
  public static final Directive<OomScoreAdj> OOM_SCORE_ADJ = add(
      choice("oom-score-adj", OomScoreAdj.NO)
      .doc("Whether the kernel is told whom to kill first."));
  public static final Directive<List<Integer>> OOM_SCORE_ADJ_VALUES = add(
      row("oom-score-adj-values", new ListTypes.OomScores(), List.of(0, 200, 800))
      .doc("Scores of a primary, a replica and background work."));
  public static final Directive<Boolean> DISABLE_THP = add(
      flag("disable-thp", true).immutable().moot("nothing forks, so huge pages do no harm")
      .doc("Whether transparent huge pages are switched off."));

  // ---- Append only file ----------------------------------------------------
  static { section("Append only file"); }
  public static final Directive<Boolean> APPENDONLY = add(
      flag("appendonly", false).notWhileLoading()
      .doc("Whether every write is logged."));
  public static final Directive<String> APPENDFILENAME = add(
      row("appendfilename", fileName("appendfilename", "filename"), "appendonly.aof").immutable()
      .doc("Base name of the log files."));
  public static final Directive<String> APPENDDIRNAME = add(
      row("appenddirname", fileName("appenddirname", "dirname"), "appendonlydir").immutable()
      .doc("Directory of the log files, inside dir."));
  public static final Directive<AppendFsync> APPENDFSYNC = add(
      choice("appendfsync", AppendFsync.EVERYSEC)
      .doc("When the log is flushed to disk."));
  public static final Directive<Boolean> NO_APPENDFSYNC_ON_REWRITE = add(
      flag("no-appendfsync-on-rewrite", false)
      .doc("Whether flushing pauses during a rewrite."));
  public static final Directive<Integer> AUTO_AOF_REWRITE_PERCENTAGE = add(
      number("auto-aof-rewrite-percentage", "percent", 100)
      .doc("Growth at which the log is rewritten; 0 means never."));
  public static final Directive<Long> AUTO_AOF_REWRITE_MIN_SIZE = add(
      bytes("auto-aof-rewrite-min-size", 64 * MIB)
      .doc("Size below which it is not."));
  public static final Directive<Boolean> AOF_LOAD_TRUNCATED = add(
      flag("aof-load-truncated", true)
      .doc("Whether a log that ends in the middle of a command is loaded."));
  public static final Directive<Boolean> AOF_USE_RDB_PREAMBLE = add(
      flag("aof-use-rdb-preamble", true)
      .doc("Whether a rewritten log starts with a snapshot."));
  public static final Directive<Boolean> AOF_TIMESTAMP_ENABLED = add(
      flag("aof-timestamp-enabled", false)
      .doc("Whether the log holds the time of its commands."));
  public static final Directive<Boolean> AOF_REWRITE_INCREMENTAL_FSYNC = add(
      flag("aof-rewrite-incremental-fsync", true)
      .doc("Whether a rewrite is flushed to disk every 4 MB."));
  public static final Directive<Boolean> AOF_DISABLE_AUTO_GC = add(
      flag("aof-disable-auto-gc", false)
      .doc("Whether log files that are no longer needed are kept."));
  public static final Directive<Boolean> AOF_MARKS = add(flag("aof-marks", true)
      .doc("Whether the log holds marks: comments with position, time and checksum, which tell "
          + "a torn tail from damage."));
  public static final Directive<Long> AOF_SEGMENT_SIZE = add(
      bytes("aof-segment-size", 256 * MIB)
      .doc("Size at which the log goes on in a new file; 0 means only with a rewrite."));
  public static final Directive<Long> LOG_RETENTION_BYTES = add(
      bytes("log-retention-bytes", 256 * MIB)
      .doc("How much of the log is kept that a rewrite has replaced; 0 means none."));
  public static final Directive<Long> LOG_RETENTION_SECONDS = add(
      wide("log-retention-seconds", "seconds", 86400, LONG_MAX)
      .doc("How long it is kept; 0 means not at all."));
  public static final Directive<String> REWRITE_TOKEN_DIR = add(
      path("rewrite-token-dir")
      .doc("A directory shared by all servers of a host that rewrite or save in turn."));
  public static final Directive<Integer> REWRITE_TOKENS = add(
      number("rewrite-tokens", "rewrites", 1).between(1, 1024)
      .doc("How many of them may rewrite at the same time."));

  // ---- Shutdown ------------------------------------------------------------
  static { section("Shutdown"); }
  public static final Directive<Integer> SHUTDOWN_TIMEOUT = add(
      number("shutdown-timeout", "seconds", 10).doc("How long a shutdown waits for replicas."));
  public static final Directive<Set<ShutdownFlag>> SHUTDOWN_ON_SIGINT = add(
      several("shutdown-on-sigint").doc("How SIGINT shuts down."));
  public static final Directive<Set<ShutdownFlag>> SHUTDOWN_ON_SIGTERM = add(
      several("shutdown-on-sigterm").doc("How SIGTERM shuts down."));

  // ---- Long blocking commands ----------------------------------------------
  static { section("Long blocking commands"); }
  public static final Directive<Long> BUSY_REPLY_THRESHOLD = add(
      wide("busy-reply-threshold", "milliseconds", 5000, LONG_MAX).alias("lua-time-limit")
      .awaits("scripts")
      .doc("How long a script runs before others are told BUSY; 0 means for ever."));
  public static final Directive<Boolean> LUA_ENABLE_DEPRECATED_API = add(
      flag("lua-enable-deprecated-api", false).immutable().hidden()
      .doc("Whether scripts see names that Redis has dropped."));

  // ---- Cluster -------------------------------------------------------------
  static { section("Cluster"); }
  public static final Directive<Boolean> CLUSTER_ENABLED = add(
      flag("cluster-enabled", false).immutable().awaits("cluster")
      .doc("Whether this server is a node of a cluster."));
  public static final Directive<String> CLUSTER_CONFIG_FILE = add(
      text("cluster-config-file", "nodes.conf").immutable().awaits("cluster")
      .doc("File in which a node keeps what it knows of the cluster."));
  public static final Directive<Long> CLUSTER_NODE_TIMEOUT = add(
      wide("cluster-node-timeout", "milliseconds", 15_000, LONG_MAX).awaits("cluster")
      .doc("Silence after which a node counts as failing."));
  public static final Directive<Integer> CLUSTER_PORT = add(
      number("cluster-port", "TCP port", 0).between(0, 65535).immutable().awaits("cluster")
      .doc("Port of the cluster bus; 0 means port + 10000."));
  public static final Directive<Integer> CLUSTER_REPLICA_VALIDITY_FACTOR = add(
      number("cluster-replica-validity-factor", "factor", 10).alias("cluster-slave-validity-factor")
      .awaits("cluster")
      .doc("How old the data of a replica may be to be promoted; 0 means any age."));
  public static final Directive<Integer> CLUSTER_MIGRATION_BARRIER = add(
      number("cluster-migration-barrier", "replicas", 1).awaits("cluster")
      .doc("Replicas that a primary keeps before it lends one."));
  public static final Directive<Boolean> CLUSTER_ALLOW_REPLICA_MIGRATION = add(
      flag("cluster-allow-replica-migration", true).awaits("cluster")
      .doc("Whether replicas move to primaries that have none."));
  public static final Directive<Boolean> CLUSTER_REQUIRE_FULL_COVERAGE = add(
      flag("cluster-require-full-coverage", true).awaits("cluster")
      .doc("Whether nodes refuse to answer while slots are uncovered."));
  public static final Directive<Boolean> CLUSTER_REPLICA_NO_FAILOVER = add(
      flag("cluster-replica-no-failover", false).alias("cluster-slave-no-failover")
      .awaits("cluster").doc("Whether this replica never promotes itself."));
  public static final Directive<Boolean> CLUSTER_ALLOW_READS_WHEN_DOWN = add(
      flag("cluster-allow-reads-when-down", false).awaits("cluster")
      .doc("Whether reads go on while the cluster is down."));
  public static final Directive<Boolean> CLUSTER_ALLOW_PUBSUBSHARD_WHEN_DOWN = add(
      flag("cluster-allow-pubsubshard-when-down", true).awaits("cluster")
      .doc("Whether sharded pub/sub goes on then."));
  public static final Directive<Long> CLUSTER_LINK_SENDBUF_LIMIT = add(
      bytes("cluster-link-sendbuf-limit", 0).between(0, -1).awaits("cluster")
      .doc("Unsent bytes at which a link of the bus is closed; 0 means no limit."));
  public static final Directive<String> CLUSTER_ANNOUNCE_HOSTNAME = add(
      row("cluster-announce-hostname",
      new TextType(true, "host name", TextType::hostName), "").awaits("cluster")
      .doc("Host name that a node announces."));
  public static final Directive<String> CLUSTER_ANNOUNCE_HUMAN_NODENAME = add(
      name("cluster-announce-human-nodename").awaits("cluster").doc("Name of the node in logs."));
  public static final Directive<EndpointType> CLUSTER_PREFERRED_ENDPOINT_TYPE = add(
      choice("cluster-preferred-endpoint-type", EndpointType.IP).awaits("cluster")
      .doc("How clients are told of nodes."));
  public static final Directive<String> CLUSTER_ANNOUNCE_IP = add(
      name("cluster-announce-ip").awaits("cluster").doc("Address that a node announces."));
  public static final Directive<Integer> CLUSTER_ANNOUNCE_TLS_PORT = add(
      number("cluster-announce-tls-port", "TCP port", 0).between(0, 65535).awaits("cluster")
      .doc("TLS port that a node announces."));
  public static final Directive<Integer> CLUSTER_ANNOUNCE_PORT = add(
      number("cluster-announce-port", "TCP port", 0).between(0, 65535).awaits("cluster")
      .doc("Port that a node announces."));
  public static final Directive<Integer> CLUSTER_ANNOUNCE_BUS_PORT = add(
      number("cluster-announce-bus-port", "TCP port", 0).between(0, 65535).awaits("cluster")
      .doc("Bus port that a node announces."));

  // ---- Slow log and latency ------------------------------------------------
  static { section("Slow log and latency"); }
  public static final Directive<Long> SLOWLOG_LOG_SLOWER_THAN = add(
      wide("slowlog-log-slower-than", "microseconds", 10_000, LONG_MAX).between(-1, LONG_MAX)
      .doc("Commands that take longer are remembered; 0 means all, -1 none."));
  public static final Directive<Long> SLOWLOG_MAX_LEN = add(
      wide("slowlog-max-len", "entries", 128, LONG_MAX).doc("How many are remembered."));
  public static final Directive<Long> LATENCY_MONITOR_THRESHOLD = add(
      wide("latency-monitor-threshold", "milliseconds", 0, LONG_MAX)
      .doc("Events that take longer are recorded; 0 means none."));
  public static final Directive<Boolean> LATENCY_TRACKING = add(flag("latency-tracking", true)
      .doc("Whether latencies of commands are counted."));
  public static final Directive<List<Double>> LATENCY_TRACKING_INFO_PERCENTILES = add(
      row("latency-tracking-info-percentiles", new ListTypes.Percentiles(),
      List.of(50.0, 99.0, 99.9)).doc("Which of them INFO shows."));

  // ---- Metrics -------------------------------------------------------------
  static { section("Metrics"); }
  public static final Directive<Integer> METRICS_PORT = add(
      number("metrics-port", "TCP port", 0).between(0, 65535)
      .doc("Port of the page /metrics in the OpenMetrics format; 0 means none."));
  public static final Directive<List<String>> METRICS_BIND = add(
      row("metrics-bind", new ListTypes.Addresses(), List.of("127.0.0.1", "-::1"))
      .doc("Addresses that serve it. It shows names of hot keys, and asks for no password."));

  // ---- Event notification --------------------------------------------------
  static { section("Event notification"); }
  public static final Directive<String> NOTIFY_KEYSPACE_EVENTS = add(
      row("notify-keyspace-events", new KeyspaceEventsType(), "")
      .doc("Which changes of keys are published: K and E choose the channels, the others the "
          + "events."));

  // ---- Encodings -----------------------------------------------------------
  static { section("Encodings"); }
  public static final Directive<Long> HASH_MAX_LISTPACK_ENTRIES = add(
      wide("hash-max-listpack-entries", "fields", 512, LONG_MAX).alias("hash-max-ziplist-entries")
      .doc("Larger hashes become hash tables."));
  public static final Directive<Long> HASH_MAX_LISTPACK_VALUE = add(
      bytes("hash-max-listpack-value", 64).alias("hash-max-ziplist-value")
      .doc("So do hashes with a longer field or value."));
  public static final Directive<Integer> LIST_MAX_LISTPACK_SIZE = add(
      number("list-max-listpack-size", "elements; -1 to -5 mean 4 to 64 kb", -2)
      .between(Integer.MIN_VALUE, INT_MAX).alias("list-max-ziplist-size")
      .doc("How much one node of a list holds."));
  public static final Directive<Integer> LIST_COMPRESS_DEPTH = add(
      number("list-compress-depth", "nodes", 0)
      .doc("Nodes at each end of a list that are not compressed; 0 compresses none."));
  public static final Directive<Long> SET_MAX_INTSET_ENTRIES = add(
      wide("set-max-intset-entries", "members", 512, LONG_MAX)
      .doc("Larger sets of integers become hash tables."));
  public static final Directive<Long> SET_MAX_LISTPACK_ENTRIES = add(
      wide("set-max-listpack-entries", "members", 0, LONG_MAX)
      .doc("Larger sets become hash tables. 0 is Redis 7.0, 128 is Redis 7.2, which saves memory."));
  public static final Directive<Long> SET_MAX_LISTPACK_VALUE = add(
      bytes("set-max-listpack-value", 64).doc("So do sets with a longer member."));
  public static final Directive<Long> ZSET_MAX_LISTPACK_ENTRIES = add(
      wide("zset-max-listpack-entries", "members", 128, LONG_MAX).alias("zset-max-ziplist-entries")
      .doc("Larger sorted sets become trees."));
  public static final Directive<Long> ZSET_MAX_LISTPACK_VALUE = add(
      bytes("zset-max-listpack-value", 64).alias("zset-max-ziplist-value")
      .doc("So do sorted sets with a longer member."));
  public static final Directive<Long> HLL_SPARSE_MAX_BYTES = add(
      bytes("hll-sparse-max-bytes", 3000)
      .doc("Larger sparse HyperLogLogs become dense."));
  public static final Directive<Long> STREAM_NODE_MAX_BYTES = add(
      bytes("stream-node-max-bytes", 4096)
      .doc("Bytes that one node of a stream holds; 0 means no limit."));
  public static final Directive<Long> STREAM_NODE_MAX_ENTRIES = add(
      wide("stream-node-max-entries", "entries", 100, LONG_MAX)
      .doc("Entries that one node of a stream holds; 0 means no limit."));

  // ---- Background work -----------------------------------------------------
  static { section("Background work"); }
  public static final Directive<Boolean> ACTIVEREHASHING = add(
      flag("activerehashing", true).moot("tables grow bucket by bucket, never by rehashing")
      .doc("Whether idle time goes into rehashing."));
  public static final Directive<Integer> HZ = add(
      number("hz", "a second", 10).cappedTo(1, 500)
      .doc("How often housekeeping runs."));
  public static final Directive<Boolean> DYNAMIC_HZ = add(flag("dynamic-hz", true)
      .doc("Whether it runs more often with many clients."));

  // ---- Active defragmentation ----------------------------------------------
  static { section("Active defragmentation"); }
  public static final Directive<Boolean> ACTIVEDEFRAG = add(
      flag("activedefrag", false).awaits("defragmentation")
      .doc("Whether memory is defragmented while serving."));
  public static final Directive<Long> ACTIVE_DEFRAG_IGNORE_BYTES = add(
      bytes("active-defrag-ignore-bytes", 100 * MIB).between(1, LONG_MAX).awaits("defragmentation")
      .doc("Waste below which nothing is done."));
  public static final Directive<Integer> ACTIVE_DEFRAG_THRESHOLD_LOWER = add(
      number("active-defrag-threshold-lower", "percent", 10).between(0, 1000)
      .awaits("defragmentation").doc("Waste at which it starts."));
  public static final Directive<Integer> ACTIVE_DEFRAG_THRESHOLD_UPPER = add(
      number("active-defrag-threshold-upper", "percent", 100).between(0, 1000)
      .awaits("defragmentation").doc("Waste at which it works its hardest."));
  public static final Directive<Integer> ACTIVE_DEFRAG_CYCLE_MIN = add(
      number("active-defrag-cycle-min", "percent of a CPU", 1).between(1, 99)
      .awaits("defragmentation").doc("Least effort."));
  public static final Directive<Integer> ACTIVE_DEFRAG_CYCLE_MAX = add(
      number("active-defrag-cycle-max", "percent of a CPU", 25).between(1, 99)
      .awaits("defragmentation").doc("Most effort."));
  public static final Directive<Long> ACTIVE_DEFRAG_MAX_SCAN_FIELDS = add(
      wide("active-defrag-max-scan-fields", "fields", 1000, LONG_MAX).between(1, LONG_MAX)
      .awaits("defragmentation").doc("Larger values are done in parts."));
  public static final Directive<Boolean> JEMALLOC_BG_THREAD = add(
      flag("jemalloc-bg-thread", true).moot("Carnelian has its own allocator")
      .doc("Whether jemalloc cleans up in the background."));
  public static final Directive<String> SERVER_CPULIST = add(
      name("server_cpulist").immutable().moot("Java sets no CPU affinity; use taskset")
      .doc("CPUs for the engine and I/O threads."));
  public static final Directive<String> BIO_CPULIST = add(
      name("bio_cpulist").immutable().moot("Java sets no CPU affinity; use taskset")
      .doc("CPUs for background threads."));
  public static final Directive<String> AOF_REWRITE_CPULIST = add(
      name("aof_rewrite_cpulist").immutable().moot("Java sets no CPU affinity; use taskset")
      .doc("CPUs for rewrites of the log."));
  public static final Directive<String> BGSAVE_CPULIST = add(
      name("bgsave_cpulist").immutable().moot("Java sets no CPU affinity; use taskset")
      .doc("CPUs for snapshots."));
  public static final Directive<String> IGNORE_WARNINGS = add(
      text("ignore-warnings", "").moot("there is no such warning to ignore")
      .doc("Warnings about the system that do not stop the start."));

  // ---- For tests -----------------------------------------------------------
  static { section("For tests"); }
  public static final Directive<Integer> RDB_KEY_SAVE_DELAY = add(
      number("rdb-key-save-delay", "microseconds", 0).between(Integer.MIN_VALUE, INT_MAX).hidden()
      .doc("Pause after each key of a snapshot; negative: one microsecond every so many keys."));
  public static final Directive<Integer> KEY_LOAD_DELAY = add(
      number("key-load-delay", "microseconds", 0).between(Integer.MIN_VALUE, INT_MAX).hidden()
      .doc("Pause after each key that is loaded; negative: as above."));
  public static final Directive<Long> LOADING_PROCESS_EVENTS_INTERVAL_BYTES = add(
      wide("loading-process-events-interval-bytes", "bytes", 2 * MIB, INT_MAX)
      .between(1024, INT_MAX).hidden().doc("How often clients are answered while loading."));
  public static final Directive<Integer> WATCHDOG_PERIOD = add(
      number("watchdog-period", "milliseconds", 0).hidden().awaits("watchdog")
      .doc("Delay at which the software watchdog logs where the engine is."));
  public static final Directive<Boolean> USE_EXIT_ON_PANIC = add(
      flag("use-exit-on-panic", false).hidden().moot("a failed invariant always ends the process")
      .doc("Whether a panic ends with exit rather than abort."));
  public static final Directive<Boolean> ENABLE_DEBUG_ASSERT = add(
      flag("enable-debug-assert", false).immutable().hidden().moot("invariants are always checked")
      .doc("Whether costly checks run."));
  public static final Directive<Boolean> LAZYEXPIRE_NESTED_ARBITRARY_KEYS = add(
      flag("lazyexpire-nested-arbitrary-keys", true).hidden().awaits("scripts")
      .doc("Whether commands inside a script delete expired keys."));

  // spotless:on

  private static void section(String title) {
    SECTIONS.put(title, new ArrayList<>());
  }

  private static <T> Directive<T> add(Directive<T> row) {
    SECTIONS.lastEntry().getValue().add(row);
    return row;
  }

  /// The whole table.
  public static List<Directive<?>> all() {
    List<Directive<?>> all = new ArrayList<>();
    for (List<Directive<?>> section : SECTIONS.values()) {
      all.addAll(section);
    }
    return all;
  }

  /// The table by its headings.
  public static SequencedMap<String, List<Directive<?>>> bySection() {
    return Collections.unmodifiableSequencedMap(SECTIONS);
  }

  // ---- Kinds of rows ---------------------------------------------------------

  private static <T> Directive<T> row(String name, DirectiveType<T> type, T defaultValue) {
    return Directive.of(name, type, defaultValue);
  }

  private static Directive<Boolean> flag(String name, boolean standard) {
    return row(name, new FlagType(), standard);
  }

  private static Directive<Integer> number(String name, String unit, int standard) {
    return row(name, NumberType.ints(unit), standard);
  }

  private static Directive<Long> wide(String name, String unit, long standard, long most) {
    return row(name, NumberType.longs(unit).between(0, most), standard);
  }

  private static Directive<Long> bytes(String name, long standard) {
    NumberType.Form memory = NumberType.Form.MEMORY;
    return row(name, NumberType.longs("bytes", memory, NumberType.Form.UNSIGNED), standard);
  }

  private static Directive<Integer> octal(String name) {
    return row(name, NumberType.octal("permissions").between(0, 0777), 0);
  }

  /// Text that may be missing.
  private static Directive<String> name(String name) {
    return row(name, new TextType(true, "text", null), "");
  }

  private static Directive<String> text(String name, String standard) {
    return row(name, new TextType(false, "text", null), standard);
  }

  private static Directive<String> path(String name) {
    return row(name, new TextType(true, "path", null), "");
  }

  private static TextType fileName(String directive, String kind) {
    return new TextType(false, "file name", TextType.fileName(directive, kind));
  }

  private static <E extends Enum<E>> Directive<E> choice(String name, E standard) {
    return row(name, new ChoiceType<>(standard.getDeclaringClass()), standard);
  }

  private static Directive<Set<ShutdownFlag>> several(String name) {
    Set<ShutdownFlag> none = Collections.unmodifiableSet(EnumSet.noneOf(ShutdownFlag.class));
    return row(name, new ChoiceType.Several<>(ShutdownFlag.class), none);
  }

  private static Directive<List<List<String>>> statements(String name, int least, int most) {
    return row(name, new ListTypes.Statements(least, most), List.<List<String>>of()).fileOnly();
  }
}
