package carnelian.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.HexFormat;
import java.util.List;

/// What the templates of [CommandTemplates] cannot spell out: scripts, libraries, payloads, rules.
final class CommandMaterial {
  /// Of two keys and two arguments, the second of which is an integer.
  static final List<String> SCRIPTS =
      List.of(
          "return redis.call('SET',KEYS[1],ARGV[1])",
          "return redis.call('GET',KEYS[1])",
          "return redis.pcall('GET',KEYS[2])",
          "return {KEYS[1],ARGV[1],#ARGV,1.5,true,false,nil,2}",
          "local r={} for i=1,5 do r[i]=redis.call('RPUSH',KEYS[1],i) end return r",
          "return redis.call('LRANGE',KEYS[1],0,-1)",
          "return redis.error_reply('MY error')",
          "return redis.status_reply(ARGV[1]=='' and 'FINE' or 'GOOD')",
          "return {err='NO luck'}",
          "return {ok='LUCK'}",
          "redis.setresp(3) return redis.call('ZRANGE',KEYS[1],0,-1,'WITHSCORES')",
          "redis.setresp(3) return redis.call('GET',KEYS[1])",
          "return {double=-2.5}",
          "return {map={a=1}}",
          "return {set={a=true}}",
          "return {big_number='12345678901234567890'}",
          "return {verbatim_string={format='txt',string='hi'}}",
          "return redis.call('INCRBY',KEYS[1],ARGV[2])",
          "return redis.call('NOSUCH')",
          "return redis.call('GET')",
          "return redis.sha1hex(ARGV[1])",
          "return cjson.encode({1,2.5,ARGV[2],{}})",
          "return cmsgpack.pack({1,2,ARGV[2]})",
          "return tostring(redis.call('EXISTS',KEYS[1],KEYS[2]))",
          "redis.call('DEL',KEYS[2]) return redis.call('SET',KEYS[2],'x','PX',100000000)",
          "redis.call('HSET',KEYS[1],'f',ARGV[1]) error('after a write')",
          "redis.call('LPUSH',KEYS[1],ARGV[1]) return redis.call('LPUSH',KEYS[2],ARGV[2])",
          "local a=redis.pcall('LPUSH',KEYS[1],'x') local b=redis.pcall('SADD',KEYS[2],'y')"
              + " return {type(a),type(b)}",
          "return redis.call('TYPE',KEYS[1])",
          "return redis.call('ZADD',KEYS[1],ARGV[2],ARGV[1])",
          "return redis.call('SORT',KEYS[1],'ALPHA')",
          "return redis.call('SMEMBERS',KEYS[1])",
          "local s=redis.call('TYPE',KEYS[1]).ok redis.call('SETRANGE',KEYS[2],2,s) return s",
          "redis.call('SELECT',1) return redis.call('DBSIZE')",
          "return redis.REDIS_VERSION_NUM==nil",
          "x=1",
          "return syntax error",
          "#!lua flags=no-writes\nreturn redis.call('SET',KEYS[1],ARGV[1])",
          "#!lua flags=allow-oom,allow-stale\nreturn redis.call('APPEND',KEYS[1],ARGV[1])",
          "#!lua flags=what\nreturn 1",
          "#!python\nreturn 1",
          "return bit.band(ARGV[2]*1,255)",
          "return struct.pack('>I2',3)",
          "return math.floor(3.7)",
          "return redis.log(redis.LOG_DEBUG,'x')",
          "return redis.acl_check_cmd('SET',KEYS[1],ARGV[1])");

  /// Each registers one function, `f1` to `f3`, so that there is no order.
  static final List<String> LIBRARIES =
      List.of(
          "#!lua name=one\nredis.register_function('f1', function(keys, args)"
              + " return redis.call('SET', keys[1], args[1]) end)",
          "#!lua name=one\nredis.register_function{function_name='f1', flags={'no-writes'},"
              + " callback=function(keys) return redis.call('GET', keys[1]) end}",
          "#!lua name=two\nredis.register_function('f2', function(keys, args)"
              + " redis.call('RPUSH', keys[1], unpack(args)) return #args end)",
          "#!lua name=three\nlocal n = 0\nredis.register_function('f3', function(keys, args)"
              + " n = n + 1 return {n, keys, args} end)",
          "#!lua name=two\nredis.register_function('f1', function() return 1 end)",
          "#!lua name=bad\nredis.register_function('f 1', function() return 1 end)",
          "#!lua name=bad\nreturn 1",
          "#!lua\nreturn 1",
          "#!other name=x\nreturn 1",
          "redis.register_function('f1', function() return 1 end)",
          "#!lua name=bad\nsyntax error",
          "#!lua name=bad\nredis.call('SET', 'x', 'y')");

  /// Adds as many entries as the second argument says, from the first one's time on.
  static final String ADDS =
      """
      for i = 1, math.min(ARGV[2], 200) do
        redis.call('XADD', KEYS[1], ARGV[1] + i..'-'..i % 3, 'f', i, i % 7 == 0 and 'g' or 'h', i)
      end
      return redis.call('XLEN', KEYS[1])\
      """;

  /// Pops members, replies how many of them and of those that are left were there, and deletes the
  /// rest, for which they are is random.
  static final String POPS =
      """
      local there, size, known = {}, 0, 0
      local function know(members)
        for _, member in ipairs(members) do
          if there[member] then known = known + 1 end
          there[member] = nil
        end
        return #members
      end
      for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
        there[member] = true
        size = size + 1
      end
      local popped = know(redis.call('SPOP', KEYS[1], ARGV[1]))
      local left = redis.call('SCARD', KEYS[1])
      local listed = know(redis.call('SMEMBERS', KEYS[1]))
      redis.call('DEL', KEYS[1])
      return {size, popped, left, listed, known}\
      """;

  /// Picks members at random by one command, and replies how many, how many different ones if none
  /// may come twice, and how many are no members by the other command.
  static final String PICKS =
      """
      local picked = redis.call(ARGV[1], KEYS[1], ARGV[2])
      local strange, different, seen = 0, 0, {}
      for _, member in ipairs(picked) do
        local there = redis.call(ARGV[3], KEYS[1], member)
        if not there or there == 0 then strange = strange + 1 end
        if not seen[member] and ARGV[2] + 0 > 0 then different = different + 1 end
        seen[member] = true
      end
      return {#picked, different, strange}\
      """;

  /// Stores distances to the micrometre: of what is finer, every library of sines has its own.
  static final String DISTANCES =
      """
      local found = {KEYS[1], KEYS[2], unpack(ARGV)}
      found[#found + 1] = 'STOREDIST'
      local stored = redis.call('GEOSEARCHSTORE', unpack(found))
      local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
      for i = 1, #members, 2 do
        redis.call('ZADD', KEYS[1], string.format('%.6f', members[i + 1]), members[i])
      end
      return stored\
      """;

  static final String REDUMP =
      """
      local payload = redis.call('DUMP', KEYS[1])
      if not payload then return 0 end
      return redis.call('RESTORE', KEYS[2], 0, payload, 'REPLACE')\
      """;

  /// DUMP of redis-server 7.0.15: strings, a list, sets, a sorted set, a hash and a stream.
  private static final List<String> PAYLOADS =
      List.of(
          "000568656c6c6f0a006372df766534200a",
          "00c139300a009d94ea2793fc08b9",
          "00c30a407802616261e06a010161620a00b288708c530716d2",
          "12010210100000000300816102010182763303ff0a000c8ce04c205ea373",
          "02030178026d32026d310a00879b6ac8d036b8bf",
          "0b0e02000000030000000100020030750a0039c5acee869b43e1",
          "1116160000000400826d31030101826d320383322e3504ff0a00dd926f095f854c7b",
          "1015150000000400826d310382763103826d32030701ff0a00b88e24574d7bd4c3",
          "1301100000000000000005000000000000000132320000001100020100010101826d310300010201"
              + "0001000182763103040100010101dfff020101826d3203827632030601ff02060005010000020101"
              + "67000081ffffffffffffffff00000a00df0d7efa994820f9",
          "000568656c6c6f0a006372df766534200b",
          "00056865",
          "");

  /// Rules of users of whom only decisions are compared: the versions print rules differently.
  static final List<String> RULES =
      List.of(
          "on",
          "off",
          "nopass",
          "resetpass",
          ">secret",
          "<secret",
          "+@all",
          "-@all",
          "+@read",
          "-@write",
          "+@string",
          "-@dangerous",
          "+get",
          "-get",
          "+set",
          "+config|get",
          "-config",
          "+config",
          "+object|freq",
          "~string*",
          "%R~hash*",
          "%W~list*",
          "%RW~set*",
          "allkeys",
          "resetkeys",
          "&news*",
          "allchannels",
          "resetchannels",
          "(+@read ~zset*)",
          "(+set %W~*)",
          "clearselectors",
          "reset",
          "+nosuch",
          "+@nosuch",
          "%X~a",
          "(+get",
          "#abc",
          "+select|1",
          "sanitize-payload",
          "~*");

  private CommandMaterial() {}

  static String payload(int number) {
    return new String(HexFormat.of().parseHex(PAYLOADS.get(number % PAYLOADS.size())), ISO_8859_1);
  }
}
