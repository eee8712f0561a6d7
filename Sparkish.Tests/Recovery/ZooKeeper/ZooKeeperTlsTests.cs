using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>TLS to the servers. A gate ends it before real servers, with certificates on both sides, as a secure port does.</summary>
internal sealed class ZooKeeperTlsTests : ZooKeeperTest
{
    [Test]
    public async Task A_journal_is_written_over_TLS_with_certificates_on_both_sides()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        using var gate = TlsRelay.Before(Ensemble.All[0].ClientPort, authority.Issue("server", "localhost"));
        _ = authority.Node("master");
        var tls = ZooKeeperTls.From(authority.Pem, authority.PathOf("master.pem"), authority.PathOf("master.key"));
        var store = Own(NewStore(gate, tls));

        var journal = await store.OpenAsync("master").AsTask().WaitAsync(Patience);

        Assert.That(await journal.AppendAsync([new byte[10]]), Is.EqualTo(1));
        Assert.That(gate.Clients, Is.All.EqualTo("CN=master"));
    }

    [Test]
    public async Task A_server_whose_authority_is_not_trusted_is_told_in_the_log_and_gets_nothing()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        using var other = new TestAuthority(directory.Path, "Another CA");
        using var gate = TlsRelay.Before(Ensemble.All[0].ClientPort, authority.Issue("server", "localhost"));
        var log = new RecordingLog();
        await using var store = NewStore(gate, ZooKeeperTls.From(other.Pem, "", ""), log);

        _ = Task.Run(() => store.OpenAsync("master").AsTask()); // waits for the servers until the store is closed
        await log.WhenLoggedAsync("TLS with localhost:").WaitAsync(Patience);

        Assert.That(log.Lines, Has.Some.Contains("see spark.deploy.zookeeper.ssl.*"));
        Assert.That(gate.Clients, Is.Empty);
    }

    [Test]
    public void Files_that_hold_no_certificate_are_refused_with_their_key()
    {
        using var directory = new TemporaryDirectory();
        var empty = Path.Combine(directory.Path, "empty.pem");
        File.WriteAllText(empty, "");

        Assert.That(() => ZooKeeperTls.From(empty, "", ""), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith($"spark.deploy.zookeeper.ssl.trustedCertificates is '{empty}', which cannot be used: it holds no certificate."));
        Assert.That(() => ZooKeeperTls.From("", empty, ""), Throws.TypeOf<SparkException>().With.Message.Contains("belong together"));
    }

    private ZooKeeperJournalStore NewStore(TlsRelay gate, ZooKeeperTls tls, RecordingLog? log = null) => new(
        Options($"localhost:{gate.Address.Port}") with { Tls = tls }, "/spark", TimeProvider.System, log is null ? NullLogger.Instance : log);
}
