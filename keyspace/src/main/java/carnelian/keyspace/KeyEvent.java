package carnelian.keyspace;

/// Every keyspace event by its name in notifications, with its class. A command reports what it did
/// by one of these; see [Database#changed].
public enum KeyEvent {
  DEL("del", EventClass.GENERIC),
  EXPIRE("expire", EventClass.GENERIC),
  PERSIST("persist", EventClass.GENERIC),
  RENAME_FROM("rename_from", EventClass.GENERIC),
  RENAME_TO("rename_to", EventClass.GENERIC),
  MOVE_FROM("move_from", EventClass.GENERIC),
  MOVE_TO("move_to", EventClass.GENERIC),
  COPY_TO("copy_to", EventClass.GENERIC),
  RESTORE("restore", EventClass.GENERIC),
  SET("set", EventClass.STRING),
  SETRANGE("setrange", EventClass.STRING),
  APPEND("append", EventClass.STRING),
  INCRBY("incrby", EventClass.STRING),
  INCRBYFLOAT("incrbyfloat", EventClass.STRING),
  SETBIT("setbit", EventClass.STRING),
  PFADD("pfadd", EventClass.STRING),
  LPUSH("lpush", EventClass.LIST),
  RPUSH("rpush", EventClass.LIST),
  LINSERT("linsert", EventClass.LIST),
  LSET("lset", EventClass.LIST),
  LTRIM("ltrim", EventClass.LIST),
  LPOP("lpop", EventClass.LIST),
  RPOP("rpop", EventClass.LIST),
  LREM("lrem", EventClass.LIST),
  SORTSTORE("sortstore", EventClass.LIST),
  SADD("sadd", EventClass.SET),
  SREM("srem", EventClass.SET),
  SPOP("spop", EventClass.SET),
  SINTERSTORE("sinterstore", EventClass.SET),
  SUNIONSTORE("sunionstore", EventClass.SET),
  SDIFFSTORE("sdiffstore", EventClass.SET),
  HSET("hset", EventClass.HASH),
  HDEL("hdel", EventClass.HASH),
  HINCRBY("hincrby", EventClass.HASH),
  HINCRBYFLOAT("hincrbyfloat", EventClass.HASH),
  HEXPIRE("hexpire", EventClass.HASH),
  HEXPIRED("hexpired", EventClass.HASH),
  HPERSIST("hpersist", EventClass.HASH),
  ZADD("zadd", EventClass.ZSET),
  ZINCR("zincr", EventClass.ZSET),
  ZREM("zrem", EventClass.ZSET),
  ZREMRANGEBYRANK("zremrangebyrank", EventClass.ZSET),
  ZREMRANGEBYSCORE("zremrangebyscore", EventClass.ZSET),
  ZREMRANGEBYLEX("zremrangebylex", EventClass.ZSET),
  ZPOPMIN("zpopmin", EventClass.ZSET),
  ZPOPMAX("zpopmax", EventClass.ZSET),
  ZUNIONSTORE("zunionstore", EventClass.ZSET),
  ZINTERSTORE("zinterstore", EventClass.ZSET),
  ZDIFFSTORE("zdiffstore", EventClass.ZSET),
  ZRANGESTORE("zrangestore", EventClass.ZSET),
  GEOSEARCHSTORE("geosearchstore", EventClass.ZSET),
  GEORADIUSSTORE("georadiusstore", EventClass.ZSET),
  XADD("xadd", EventClass.STREAM),
  XTRIM("xtrim", EventClass.STREAM),
  XDEL("xdel", EventClass.STREAM),
  XSETID("xsetid", EventClass.STREAM),
  XGROUP_CREATE("xgroup-create", EventClass.STREAM),
  XGROUP_CREATECONSUMER("xgroup-createconsumer", EventClass.STREAM),
  XGROUP_DELCONSUMER("xgroup-delconsumer", EventClass.STREAM),
  XGROUP_SETID("xgroup-setid", EventClass.STREAM),
  XGROUP_DESTROY("xgroup-destroy", EventClass.STREAM),
  XCLAIM("xclaim", EventClass.STREAM),
  XAUTOCLAIM("xautoclaim", EventClass.STREAM),
  EXPIRED("expired", EventClass.EXPIRED),
  EVICTED("evicted", EventClass.EVICTED),
  KEYMISS("keymiss", EventClass.KEY_MISS),
  NEW("new", EventClass.NEW);

  private final String word;
  private final EventClass eventClass;

  KeyEvent(String word, EventClass eventClass) {
    this.word = word;
    this.eventClass = eventClass;
  }

  /// The event's name in a notification.
  public String word() {
    return word;
  }

  public EventClass eventClass() {
    return eventClass;
  }
}
