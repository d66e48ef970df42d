package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.embedded.junit.CarnelianTest;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/// As the README shows it, to the letter; see [ReadmeTest].
@CarnelianTest(virtualClock = true)
class CartTest {
  @Test
  void jedis(Carnelian carnelian) {
    try (Jedis jedis = new Jedis(URI.create(carnelian.uri()))) {
      jedis.set("cart:7", "2 apples", SetParams.setParams().ex(1800));
      carnelian.clock().advance(Duration.ofMinutes(30));
      assertThat(jedis.get("cart:7")).isNull();
    }
  }

  @Test
  void lettuce(Carnelian carnelian) {
    try (RedisClient client = RedisClient.create(carnelian.uri());
        StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().set("cart:7", "2 apples");
      assertThat(carnelian.execute("GET", "cart:7").asString()).isEqualTo("2 apples");
    }
  }
}
