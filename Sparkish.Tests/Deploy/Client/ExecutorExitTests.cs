using Sparkish.Deploy.Client;

namespace Sparkish.Tests.Deploy.Client;

internal sealed class ExecutorExitTests
{
    [TestCase(53, null, false)]
    [TestCase(56, null, false)]
    [TestCase(58, null, false)]
    [TestCase(137, null, true)]
    [TestCase(1, null, true)]
    [TestCase(null, null, true)]
    [TestCase(null, "host", false)]
    public void The_application_is_charged_for_ends_that_its_code_may_have_caused(int? exitStatus, string? workerHost, bool causedByApp) =>
        Assert.That(ExecutorExit.CausedByApp(exitStatus, workerHost), Is.EqualTo(causedByApp));
}
