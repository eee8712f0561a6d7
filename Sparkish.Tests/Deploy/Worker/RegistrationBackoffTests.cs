using Sparkish.Deploy.Worker;

namespace Sparkish.Tests.Deploy.Worker;

internal sealed class RegistrationBackoffTests
{
    [TestCase(1, 0.5, 1)]
    [TestCase(2, 0.5, 10)]
    [TestCase(5, 0.0, 5)]
    [TestCase(6, 0.5, 60)]
    [TestCase(15, 1.0, 90)]
    public void Tries_come_quickly_at_first_then_slowly(int attempt, double random, double seconds) =>
        Assert.That(RegistrationBackoff.DelayAfter(attempt, 6, 16, random), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public void After_the_last_try_there_is_no_other() => Assert.That(RegistrationBackoff.DelayAfter(16, 6, 16, 0.5), Is.Null);
}
