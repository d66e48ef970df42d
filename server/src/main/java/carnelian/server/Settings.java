package carnelian.server;

import carnelian.base.config.Choices.AclPubsubDefault;
import carnelian.base.config.Config;
import carnelian.base.config.ConfigRefusedException;
import carnelian.base.config.Directive;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.engine.Engine;
import carnelian.engine.acl.Acl;
import carnelian.engine.diagnosis.Diagnosis;
import carnelian.engine.pubsub.KeyspaceNotifications;
import carnelian.engine.pubsub.NotifiedEvents;
import carnelian.engine.tracking.Tracking;
import carnelian.keyspace.EvictionPolicy;
import carnelian.keyspace.EvictionSettings;
import carnelian.keyspace.LazyFreeing;
import carnelian.keyspace.ValueLimits;
import carnelian.net.ListenException;
import carnelian.net.Listeners;
import carnelian.net.Network;
import carnelian.net.TlsContext;
import carnelian.net.TlsSettings;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Hands the directives to the parts that obey them, at the start and whenever one is changed.
/// Everything runs on the engine's loop.
final class Settings {
  private final Config config;
  private final Network network;
  private final Engine engine;
  private final Diagnosis diagnosis;
  private final KeyspaceNotifications notifications;
  private final Acl acl;
  private final Tracking tracking;

  Settings(
      Config config,
      Network network,
      Engine engine,
      Diagnosis diagnosis,
      KeyspaceNotifications notifications,
      Acl acl,
      Tracking tracking) {
    this.config = config;
    this.network = network;
    this.engine = engine;
    this.diagnosis = diagnosis;
    this.notifications = notifications;
    this.acl = acl;
    this.tracking = tracking;
  }

  /// Directives that are obeyed together: if one of them is changed, [#apply] looks at all.
  private enum Group {
    VALUE_LIMITS(
        Directives.HASH_MAX_LISTPACK_ENTRIES,
        Directives.HASH_MAX_LISTPACK_VALUE,
        Directives.LIST_MAX_LISTPACK_SIZE,
        Directives.LIST_COMPRESS_DEPTH,
        Directives.SET_MAX_INTSET_ENTRIES,
        Directives.SET_MAX_LISTPACK_ENTRIES,
        Directives.SET_MAX_LISTPACK_VALUE,
        Directives.ZSET_MAX_LISTPACK_ENTRIES,
        Directives.ZSET_MAX_LISTPACK_VALUE,
        Directives.STREAM_NODE_MAX_BYTES,
        Directives.STREAM_NODE_MAX_ENTRIES,
        Directives.HLL_SPARSE_MAX_BYTES,
        Directives.PROTO_MAX_BULK_LEN),
    EVICTION(
        Directives.MAXMEMORY,
        Directives.MAXMEMORY_POLICY,
        Directives.MAXMEMORY_SAMPLES,
        Directives.MAXMEMORY_EVICTION_TENACITY,
        Directives.LFU_LOG_FACTOR,
        Directives.LFU_DECAY_TIME),
    LAZY_FREEING(
        Directives.LAZYFREE_LAZY_EVICTION,
        Directives.LAZYFREE_LAZY_EXPIRE,
        Directives.LAZYFREE_LAZY_SERVER_DEL,
        Directives.LAZYFREE_LAZY_USER_DEL,
        Directives.LAZYFREE_LAZY_USER_FLUSH),
    KEYSPACE_EVENTS(Directives.NOTIFY_KEYSPACE_EVENTS),
    DIAGNOSIS(
        Directives.SLOWLOG_LOG_SLOWER_THAN,
        Directives.SLOWLOG_MAX_LEN,
        Directives.LATENCY_MONITOR_THRESHOLD),
    ENGINE(
        Directives.LATENCY_TRACKING,
        Directives.HZ,
        Directives.CLIENT_QUERY_BUFFER_LIMIT,
        Directives.BUSY_REPLY_THRESHOLD),
    TRACKING(Directives.TRACKING_TABLE_MAX_KEYS),
    PASSWORD(Directives.REQUIREPASS),
    CHANNELS(Directives.ACL_PUBSUB_DEFAULT),
    ACL_LOG(Directives.ACLLOG_MAX_LEN),
    CONNECTIONS(
        Directives.CLIENT_QUERY_BUFFER_LIMIT,
        Directives.PROTO_MAX_BULK_LEN,
        Directives.TCP_KEEPALIVE),
    TCP(Directives.PORT, Directives.BIND),
    TLS(
        Directives.TLS_PORT,
        Directives.TLS_CERT_FILE,
        Directives.TLS_KEY_FILE,
        Directives.TLS_KEY_FILE_PASS,
        Directives.TLS_CA_CERT_FILE,
        Directives.TLS_CA_CERT_DIR,
        Directives.TLS_AUTH_CLIENTS,
        Directives.TLS_PROTOCOLS,
        Directives.TLS_CIPHERS,
        Directives.TLS_CIPHERSUITES,
        Directives.TLS_PREFER_SERVER_CIPHERS);

    @SuppressWarnings("ImmutableEnumChecker") // By Set.of.
    final Set<Directive<?>> directives;

    Group(Directive<?>... directives) {
      this.directives = Set.of(directives);
    }
  }

  /// Applies what concerns data and commands.
  void applyData() throws InvalidValueException {
    obey(Group.VALUE_LIMITS);
    obey(Group.EVICTION);
    obey(Group.LAZY_FREEING);
    obey(Group.KEYSPACE_EVENTS);
    obey(Group.DIAGNOSIS);
    obey(Group.ENGINE);
    obey(Group.TRACKING);
    applyUsers();
  }

  private void obey(Group group) throws InvalidValueException {
    apply(group);
    follow(group);
  }

  /// Obeys changes only.
  private void follow(Group group) {
    config.onChange(group.directives, () -> apply(group));
  }

  private void apply(Group group) throws InvalidValueException {
    switch (group) {
      case VALUE_LIMITS -> engine.keyspace().limits(valueLimits());
      case EVICTION -> {
        engine.keyspace().evictor().settings(eviction());
        engine.evictSoon();
      }
      case LAZY_FREEING -> applyLazyFreeing();
      case KEYSPACE_EVENTS -> {
        NotifiedEvents events = NotifiedEvents.parse(config.get(Directives.NOTIFY_KEYSPACE_EVENTS));
        notifications.events(events == null ? NotifiedEvents.NONE : events);
      }
      case DIAGNOSIS -> {
        diagnosis.slowLogSlowerThanMicros(config.get(Directives.SLOWLOG_LOG_SLOWER_THAN));
        diagnosis.slowLogMaxLength(config.get(Directives.SLOWLOG_MAX_LEN));
        diagnosis.latencyMonitorThresholdMillis(config.get(Directives.LATENCY_MONITOR_THRESHOLD));
      }
      case ENGINE -> {
        engine.settings().busyReplyThresholdMillis(config.get(Directives.BUSY_REPLY_THRESHOLD));
        engine.settings().latencyTracking(config.get(Directives.LATENCY_TRACKING));
        engine.settings().hertz(config.get(Directives.HZ));
        engine.settings().queryBufferLimitBytes(config.get(Directives.CLIENT_QUERY_BUFFER_LIMIT));
      }
      case PASSWORD -> acl.defaultPassword(config.get(Directives.REQUIREPASS));
      case TRACKING -> tracking.maxKeys(config.get(Directives.TRACKING_TABLE_MAX_KEYS));
      case CHANNELS ->
          acl.everyChannelByDefault(
              config.get(Directives.ACL_PUBSUB_DEFAULT) == AclPubsubDefault.ALLCHANNELS);
      case ACL_LOG -> acl.log().maxLength(config.get(Directives.ACLLOG_MAX_LEN));
      case CONNECTIONS -> {
        network.queryLimitBytes(config.get(Directives.CLIENT_QUERY_BUFFER_LIMIT));
        network.options().requestLimits().maxBulkBytes(config.get(Directives.PROTO_MAX_BULK_LEN));
        network.keepAliveSeconds(config.get(Directives.TCP_KEEPALIVE));
      }
      case TCP -> listenTcp();
      case TLS -> listenTls();
    }
  }

  /// Applies what concerns users, and makes those that the configuration or the ACL file names.
  private void applyUsers() throws InvalidValueException {
    obey(Group.CHANNELS);
    obey(Group.ACL_LOG);
    if (!config.get(Directives.REQUIREPASS).isEmpty()) {
      apply(Group.PASSWORD);
    }
    follow(Group.PASSWORD);
    acl.file(config.path(Directives.ACLFILE));
    List<List<String>> users = config.get(Directives.USER);
    checkOnce(users);
    try {
      acl.loadAtStart(users);
    } catch (Acl.InvalidUsersException e) {
      throw new InvalidValueException(e.reason());
    }
    boolean inFile = !config.get(Directives.ACLFILE).isEmpty();
    config.rewriteStatements(Directives.USER, () -> inFile ? List.of() : acl.lines());
  }

  private static void checkOnce(List<List<String>> users) throws InvalidValueException {
    Set<String> names = new HashSet<>();
    for (List<String> user : users) {
      if (!names.add(user.getFirst())) {
        throw new InvalidValueException(
            "Duplicate user found. A user can only be defined once in config files: user "
                + user.getFirst());
      }
    }
  }

  /// Applies what concerns sockets, and begins to listen; on a free port in place of the one that
  /// is configured, if that is asked for.
  void applyNetwork(boolean freePort) throws InvalidValueException {
    obey(Group.CONNECTIONS);
    if (freePort) {
      listenOnFreePort();
      follow(Group.TCP);
    } else {
      obey(Group.TCP);
    }
    if (config.get(Directives.TLS_PORT) != 0) {
      obey(Group.TLS);
    } else {
      follow(Group.TLS);
    }
    if (!config.get(Directives.UNIXSOCKET).isEmpty()) {
      listenUnix();
    }
  }

  /// Serves metrics where the directives say.
  void applyMetrics(ServerFamilies families) throws InvalidValueException {
    if (config.get(Directives.METRICS_PORT) != 0) {
      listen(families.metrics());
    }
    config.onChange(
        Set.of(Directives.METRICS_PORT, Directives.METRICS_BIND), () -> listen(families.metrics()));
  }

  // ---- Data ------------------------------------------------------------------------------------

  private ValueLimits valueLimits() {
    return new ValueLimits(
        count(Directives.HASH_MAX_LISTPACK_ENTRIES),
        count(Directives.HASH_MAX_LISTPACK_VALUE),
        config.get(Directives.LIST_MAX_LISTPACK_SIZE),
        config.get(Directives.LIST_COMPRESS_DEPTH),
        count(Directives.SET_MAX_INTSET_ENTRIES),
        count(Directives.SET_MAX_LISTPACK_ENTRIES),
        count(Directives.SET_MAX_LISTPACK_VALUE),
        count(Directives.ZSET_MAX_LISTPACK_ENTRIES),
        count(Directives.ZSET_MAX_LISTPACK_VALUE),
        count(Directives.STREAM_NODE_MAX_BYTES),
        count(Directives.STREAM_NODE_MAX_ENTRIES),
        count(Directives.HLL_SPARSE_MAX_BYTES),
        config.get(Directives.PROTO_MAX_BULK_LEN));
  }

  /// Limits beyond what a compact encoding can hold anyway are as good as none.
  private int count(Directive<Long> directive) {
    return (int) Math.min(config.get(directive), Integer.MAX_VALUE);
  }

  private EvictionSettings eviction() {
    return new EvictionSettings(
        config.get(Directives.MAXMEMORY),
        EvictionPolicy.valueOf(config.get(Directives.MAXMEMORY_POLICY).name()),
        config.get(Directives.MAXMEMORY_SAMPLES),
        config.get(Directives.MAXMEMORY_EVICTION_TENACITY),
        config.get(Directives.LFU_LOG_FACTOR),
        config.get(Directives.LFU_DECAY_TIME));
  }

  private void applyLazyFreeing() {
    LazyFreeing lazily =
        new LazyFreeing(
            config.get(Directives.LAZYFREE_LAZY_EVICTION),
            config.get(Directives.LAZYFREE_LAZY_EXPIRE),
            config.get(Directives.LAZYFREE_LAZY_SERVER_DEL),
            config.get(Directives.LAZYFREE_LAZY_USER_DEL),
            config.get(Directives.LAZYFREE_LAZY_USER_FLUSH));
    engine.keyspace().lazyFreeing(lazily);
    engine.propagateDeletions(lazily.expire(), lazily.eviction());
  }

  // ---- Sockets ---------------------------------------------------------------------------------

  private static final String PORT_FAILURE = "Unable to listen on this port";

  private int listenedPort = -1;

  private void listenTcp() throws InvalidValueException {
    int port = config.get(Directives.PORT);
    try {
      network
          .listeners()
          .tcp(config.get(Directives.BIND), port, config.get(Directives.TCP_BACKLOG));
    } catch (ListenException e) {
      throw port == listenedPort
          ? refused("Failed to bind to specified addresses", e)
          : refused(PORT_FAILURE, e);
    }
    listenedPort = port;
  }

  private void listenOnFreePort() throws InvalidValueException {
    try {
      listenedPort =
          network
              .listeners()
              .tcpOnFreePort(config.get(Directives.BIND), config.get(Directives.TCP_BACKLOG));
      config.set(Directives.PORT, Integer.toString(listenedPort));
    } catch (ListenException e) {
      throw refused(PORT_FAILURE, e);
    } catch (ConfigRefusedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void listenUnix() throws InvalidValueException {
    try {
      network
          .listeners()
          .unix(
              config.get(Directives.UNIXSOCKET),
              config.get(Directives.UNIXSOCKETPERM),
              config.get(Directives.TCP_BACKLOG));
    } catch (ListenException e) {
      throw refused(PORT_FAILURE, e);
    }
  }

  private void listenTls() throws InvalidValueException {
    int port = config.get(Directives.TLS_PORT);
    Listeners listeners = network.listeners();
    try {
      if (port != 0) {
        listeners.tlsContext(TlsContext.load(tls()));
      }
      listeners.tls(config.get(Directives.BIND), port, config.get(Directives.TCP_BACKLOG));
    } catch (ListenException e) {
      throw refused(PORT_FAILURE, e);
    } catch (IOException | GeneralSecurityException e) {
      throw new InvalidValueException(
          "Unable to update TLS configuration. Check server logs. " + e.getMessage());
    }
  }

  private static void listen(MetricsPages pages) throws InvalidValueException {
    try {
      pages.listen();
    } catch (ListenException e) {
      throw refused(PORT_FAILURE, e);
    }
  }

  private static InvalidValueException refused(String what, ListenException why) {
    return new InvalidValueException(what + ": " + why.getMessage());
  }

  private TlsSettings tls() {
    String protocols = config.get(Directives.TLS_PROTOCOLS).strip();
    return new TlsSettings(
        resolved(Directives.TLS_CERT_FILE),
        resolved(Directives.TLS_KEY_FILE),
        config.get(Directives.TLS_KEY_FILE_PASS),
        resolved(Directives.TLS_CA_CERT_FILE),
        resolved(Directives.TLS_CA_CERT_DIR),
        TlsSettings.ClientAuthentication.valueOf(config.get(Directives.TLS_AUTH_CLIENTS).name()),
        protocols.isEmpty() ? List.of() : List.of(protocols.split("\\s+")),
        config.get(Directives.TLS_CIPHERS),
        config.get(Directives.TLS_CIPHERSUITES),
        config.get(Directives.TLS_PREFER_SERVER_CIPHERS));
  }

  private String resolved(Directive<String> file) {
    String path = config.get(file);
    return path.isEmpty() ? path : config.resolve(path).toString();
  }
}
