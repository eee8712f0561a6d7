using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Akka;

/// <summary>Ends what tests shared.</summary>
[SetUpFixture]
internal sealed class SharedByTests
{
    [OneTimeTearDown]
    public Task StopAsync() => PostgreSqlTestServer.StopAsync();
}
