using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
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
        using var gate = new TlsGate(authority, Ensemble.All[0].ClientPort);
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
        using var gate = new TlsGate(authority, Ensemble.All[0].ClientPort);
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

    private ZooKeeperJournalStore NewStore(TlsGate gate, ZooKeeperTls tls, RecordingLog? log = null) => new(
        Options($"localhost:{gate.Port}") with { Tls = tls }, "/spark", TimeProvider.System, log is null ? NullLogger.Instance : log);

    private sealed class TlsGate : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;
        private readonly int _target;
        private readonly List<string> _clients = [];

        public TlsGate(TestAuthority authority, int target)
        {
            (_target, _certificate) = (target, authority.Issue("server", "localhost"));
            _listener.Start();
            _ = RunAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>The names of the clients that have proven themselves.</summary>
        public IReadOnlyList<string> Clients
        {
            get { lock (_clients) return [.. _clients]; }
        }

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }

        private async Task RunAsync()
        {
            try
            {
                while (true) _ = RelayAsync(await _listener.AcceptSocketAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task RelayAsync(Socket accepted)
        {
            await using var near = new SslStream(new NetworkStream(accepted, ownsSocket: true));
            await near.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = _certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, client, _, _) => client is not null,
            });
            lock (_clients) _clients.Add(near.RemoteCertificate!.Subject);
            using var dialled = new TcpClient();
            await dialled.ConnectAsync(IPAddress.Loopback, _target);
            var far = dialled.GetStream();
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
        }
    }
}
