package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.embedded.junit.CarnelianTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisOperations;
import org.springframework.data.redis.core.SessionCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;

/// Spring Data Redis on a store in the process. [#template] is what the README shows, to the
/// letter; see [ReadmeTest].
@CarnelianTest
class SpringCartTest {
  @Test
  void template(Carnelian carnelian) {
    var connections = new LettuceConnectionFactory(carnelian.host(), carnelian.port());
    connections.afterPropertiesSet();
    connections.start();
    var redis = new StringRedisTemplate(connections);
    redis.opsForValue().set("cart:7", "2 apples", Duration.ofMinutes(30));
    assertThat(redis.opsForValue().get("cart:7")).isEqualTo("2 apples");
    connections.destroy();
  }

  private LettuceConnectionFactory connections;
  private StringRedisTemplate redis;

  @BeforeEach
  void connect(Carnelian carnelian) {
    connections = new LettuceConnectionFactory(carnelian.host(), carnelian.port());
    connections.afterPropertiesSet();
    connections.start();
    redis = new StringRedisTemplate(connections);
  }

  @AfterEach
  void disconnect() {
    connections.destroy();
  }

  @Test
  void values_hashes_andLists() {
    redis.opsForValue().set("k", "v");
    assertThat(redis.expire("k", Duration.ofMinutes(1))).isTrue();
    assertThat(redis.getExpire("k")).isBetween(1L, 60L);
    assertThat(redis.opsForValue().increment("n", 41)).isEqualTo(41);
    redis.opsForHash().putAll("user:7", Map.of("name", "Ada", "seen", "today"));
    assertThat(redis.opsForHash().entries("user:7")).hasSize(2).containsEntry("name", "Ada");
    redis.opsForList().rightPushAll("list", "a", "b", "c");
    assertThat(redis.opsForList().range("list", 0, -1)).containsExactly("a", "b", "c");
    assertThat(redis.opsForList().leftPop("list")).isEqualTo("a");
    assertThat(redis.delete(List.of("k", "n", "absent"))).isEqualTo(2);
  }

  @Test
  void listener_hearsWhatIsPublished() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    RedisMessageListenerContainer container = new RedisMessageListenerContainer();
    container.setConnectionFactory(connections);
    container.addMessageListener(
        (message, _) -> heard.add(new String(message.getBody(), StandardCharsets.UTF_8)),
        new ChannelTopic("news"));
    container.afterPropertiesSet();
    container.start();
    try {
      assertThat(redis.convertAndSend("news", "hello")).isOne();
      assertThat(heard.take()).isEqualTo("hello");
    } finally {
      container.destroy();
    }
  }

  @Test
  void pipeline_repliesInOrder() {
    List<Object> replies =
        redis.executePipelined(
            new SessionCallback<@Nullable Object>() {
              @Override
              public <K, V> @Nullable Object execute(RedisOperations<K, V> operations)
                  throws DataAccessException {
                for (int i = 0; i < 3; i++) {
                  redis.opsForValue().increment("n");
                }
                return null;
              }
            });
    assertThat(replies).containsExactly(1L, 2L, 3L);
  }

  @Test
  void transaction_isExecutedAsAWhole() {
    List<Object> replies =
        redis.execute(
            new SessionCallback<List<Object>>() {
              @Override
              @SuppressWarnings("unchecked") // A string template's operations are on strings.
              public <K, V> List<Object> execute(RedisOperations<K, V> operations)
                  throws DataAccessException {
                RedisOperations<String, String> strings =
                    (RedisOperations<String, String>) operations;
                strings.multi();
                strings.opsForValue().set("k", "v");
                strings.opsForList().rightPush("list", "element");
                return strings.exec();
              }
            });
    assertThat(replies).containsExactly(true, 1L);
    assertThat(redis.opsForValue().get("k")).isEqualTo("v");
  }
}
