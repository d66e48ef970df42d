package carnelian.embedded.junit;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.embedded.Carnelian;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// The extension as its users have it.
class CarnelianExtensionTest {
  @Nested
  @CarnelianTest(config = {"maxmemory 100mb", "databases 3"})
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  class OneStoreForAClass {
    private static @Nullable Carnelian ofClass;

    @BeforeAll
    static void begin(Carnelian carnelian) {
      ofClass = carnelian;
    }

    @AfterAll
    static void end(Carnelian carnelian) {
      assertThat(carnelian.isClosed()).isFalse();
    }

    @Test
    @Order(1)
    void isThatOfTheClass_withItsDirectives(Carnelian carnelian) {
      assertThat(carnelian).isSameAs(ofClass);
      assertThat(carnelian.execute("CONFIG", "GET", "databases").asMap())
          .containsEntry("databases", "3");
      carnelian.execute("SET", "k", "v");
      carnelian.faults().closeAfterReplies(1);
    }

    @Test
    @Order(2)
    void isEmptyForTheNextTest_andNothingIsWrong(Carnelian carnelian) throws Exception {
      assertThat(carnelian).isSameAs(ofClass);
      assertThat(carnelian.execute("DBSIZE").asLong()).isZero();
    }

    @Test
    @CarnelianTest(virtualClock = true, port = false)
    @Order(3)
    void testOfItsOwn_hasAStoreOfItsOwn(Carnelian carnelian) {
      assertThat(carnelian).isNotSameAs(ofClass);
      assertThat(carnelian.port()).isNegative();
      carnelian.execute("SET", "k", "v", "EX", 60);
      carnelian.clock().advance(Duration.ofMinutes(1));
      assertThat(carnelian.execute("EXISTS", "k").asLong()).isZero();
    }

    @Nested
    class WithinIt {
      @Test
      void isTheSame(Carnelian carnelian) {
        assertThat(carnelian).isSameAs(ofClass);
      }
    }
  }

  @Nested
  @CarnelianTest(lifecycle = CarnelianTest.Lifecycle.PER_METHOD, directory = true)
  class OneStoreForATest {
    private static final Set<Carnelian> SEEN = new HashSet<>();

    @BeforeEach
    void before(Carnelian carnelian) {
      assertThat(SEEN).doesNotContain(carnelian);
    }

    @AfterEach
    void after(Carnelian carnelian) {
      assertThat(carnelian.isClosed()).isFalse();
      assertThat(carnelian.execute("GET", "k").asString()).isEqualTo("v");
    }

    @AfterAll
    static void end() {
      assertThat(SEEN).hasSize(2).allMatch(Carnelian::isClosed);
    }

    @Test
    void first(Carnelian carnelian) {
      use(carnelian);
    }

    @Test
    void second(Carnelian carnelian) {
      use(carnelian);
    }

    private static void use(Carnelian carnelian) {
      assertThat(carnelian.directory()).isDirectory();
      carnelian.execute("SET", "k", "v");
      SEEN.add(carnelian);
    }
  }

  @Nested
  class WithoutAStoreForTheClass {
    @Test
    @CarnelianTest(config = "maxmemory 1mb")
    void methodsCanHaveOne(Carnelian carnelian) {
      assertThat(carnelian.execute("CONFIG", "GET", "maxmemory").asMap())
          .containsEntry("maxmemory", "1048576");
    }
  }
}
