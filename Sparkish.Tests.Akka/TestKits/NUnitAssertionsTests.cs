using Sparkish.TestKit.Akka.NUnit;

namespace Sparkish.Tests.Akka.TestKits;

/// <summary>Akka.TestKit's assertions fail as NUnit's.</summary>
internal sealed class NUnitAssertionsTests
{
    private static readonly NUnitAssertions Assertions = NUnitAssertions.Instance;

    [Test]
    public void What_holds_passes()
    {
        Assertions.AssertTrue(true);
        Assertions.AssertFalse(false);
        Assertions.AssertEqual(new[] { 1, 2 }, [1, 2]);
        Assertions.AssertEqual("a", "A", static (a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase));
        var error = Assertions.AssertThrows<ArgumentException>(() => throw new ArgumentException("a"));

        Assert.That(error.Message, Is.EqualTo("a"));
    }

    [TestCaseSource(nameof(Failures))]
    public void What_does_not_hold_fails_with_the_values(Action assertion, string[] told) =>
        Assert.That(() => assertion(), Throws.InstanceOf<AssertionException>().With.Message.Contains(told[0]).And.Message.Contains(told[1]));

    [Test]
    public void A_failure_throws_in_a_scope_of_several_too()
    {
        var passed = false;
        try
        {
            Assertions.Fail("{0}", 7);
            passed = true;
        }
        catch (AssertionException error)
        {
            Assert.That(error.Message, Is.EqualTo("7"));
        }

        Assert.That(passed, Is.False);
    }

    [Test]
    public async Task A_task_that_fails_is_caught()
    {
        var error = await Assertions.AssertThrowsAsync<InvalidOperationException>(() => Task.FromException(new InvalidOperationException("late")));
        var any = await Assertions.AssertThrowsAsync(() => Task.FromException(new IOException("any")));

        Assert.That((error.Message, any.Message), Is.EqualTo(("late", "any")));
        Assert.That(async () => await Assertions.AssertThrowsAsync<IOException>(() => Task.CompletedTask),
            Throws.InstanceOf<AssertionException>().With.Message.Contains(nameof(IOException)));
        Assert.That(async () => await Assertions.AssertThrowsAsync<IOException>(() => Task.FromException(new FileNotFoundException())),
            Throws.InstanceOf<AssertionException>().With.Message.Contains(nameof(FileNotFoundException)));
    }

    private static IEnumerable<TestCaseData> Failures()
    {
        yield return Case(() => Assertions.Fail("{0} of {1}", "one", 2), "one of 2", "");
        yield return Case(() => Assertions.Fail("{braces}"), "{braces}", "");
        yield return Case(() => Assertions.Fail("{0} {1}", "few"), "{0} {1}", "few");
        yield return Case(() => Assertions.AssertTrue(false, "said {0}", 1), "said 1", "");
        yield return Case(() => Assertions.AssertFalse(true, "said {0}", 1), "said 1", "");
        yield return Case(() => Assertions.AssertEqual(17, 18, "said"), "17", "18");
        yield return Case(() => Assertions.AssertEqual(17, 18, static (a, b) => a == b, "said"), "17", "18");
        yield return Case(() => Assertions.AssertThrows(static () => { }), "Exception", "none");
        yield return Case(() => Assertions.AssertThrows<IOException>(static () => throw new FileNotFoundException("x")), "IOException", "FileNotFoundException");
    }

    private static TestCaseData Case(Action assertion, params string[] told) => new TestCaseData(assertion, told).SetArgDisplayNames(string.Join(' ', told));
}
