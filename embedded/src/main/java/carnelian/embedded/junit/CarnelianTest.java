package carnelian.embedded.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Gives a test class, or one test, a store of its own: as a parameter of type
/// [carnelian.embedded.Carnelian] of constructors, of tests and of what runs before and after them.
///
/// ```java
/// @CarnelianTest(config = "maxmemory 100mb")
/// class CartTest {
///   @Test
///   void keepsWhatWasAdded(Carnelian carnelian) {
///     Cart cart = new Cart(carnelian.uri());
///     …
///   }
/// }
/// ```
///
/// On a method it means a store for that test alone, whatever the class has.
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(CarnelianExtension.class)
public @interface CarnelianTest {
  /// How long a store lives.
  enum Lifecycle {
    /// As long as the class, nested classes included; it is emptied before each test, and its
    /// faults are switched off.
    PER_CLASS,
    /// As long as one test, and what runs before and after it. Constructors get none.
    PER_METHOD
  }

  /// Lines as in a configuration file: `"maxmemory 100mb"`.
  String[] config() default {};

  /// How long the store lives. On a method it is always one test.
  Lifecycle lifecycle() default Lifecycle.PER_CLASS;

  /// Whether all keys are removed before each test where a store lives longer.
  boolean flush() default true;

  /// Whether time stands still, but for [carnelian.embedded.VirtualClock#advance].
  boolean virtualClock() default false;

  /// Whether it has a directory, which is removed with it: for tests of persistence and its faults.
  boolean directory() default false;

  /// Whether it listens on a port.
  boolean port() default true;
}
