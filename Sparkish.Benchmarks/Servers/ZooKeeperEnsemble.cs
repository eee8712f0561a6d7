using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Benchmarks.Servers;

/// <summary>
/// Three real servers of ZooKeeper on this machine, each a process with a directory of its own, which can be stopped, killed, frozen and started again.
/// </summary>
internal sealed class ZooKeeperEnsemble : IAsyncDisposable
{
    private const int Servers = 3;
    private const string ZxidLine = "Zxid: 0x";

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan DeathCheck = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly ZooKeeperServer[] _servers;

    private ZooKeeperEnsemble(string directory, ZooKeeperServer[] servers) => (_directory, _servers) = (directory, servers);

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyMissing => ZooKeeperInstallation.WhyMissing;

    /// <summary>A tick of the servers: sessions have timeouts from two of them up to a minute.</summary>
    public static TimeSpan Tick { get; } = TimeSpan.FromMilliseconds(200);

    public IReadOnlyList<ZooKeeperServer> All => _servers;

    /// <summary>All servers, for a client.</summary>
    public string Url => string.Join(',', _servers.Select(server => $"127.0.0.1:{server.ClientPort}"));

    /// <summary>Starts three servers and waits until they serve.</summary>
    /// <param name="mount">Makes something of the directory of each server, such as a disk; an ordinary directory unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SparkException">ZooKeeper is not installed, or the servers do not come to serve.</exception>
    public static async Task<ZooKeeperEnsemble> StartAsync(Func<string, Task>? mount = null, CancellationToken cancellationToken = default)
    {
        var installation = ZooKeeperInstallation.Installed;
        var directory = Directory.CreateTempSubdirectory("sparkish-zookeeper-").FullName;
        var ports = FreePorts(3 * Servers);
        foreach (var number in Enumerable.Range(1, Servers))
        {
            var own = Directory.CreateDirectory(DirectoryOf(directory, number)).FullName;
            if (mount is not null) await mount(own);
        }

        var ensemble = new ZooKeeperEnsemble(directory, [.. Enumerable.Range(1, Servers).Select(number => Prepare(installation, directory, number, ports))]);
        try
        {
            await Task.WhenAll(ensemble._servers.Select(server => server.StartAsync()));
            await ensemble.ServesAsync(cancellationToken);
            return ensemble;
        }
        catch
        {
            await ensemble.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a majority serves: something is written.</summary>
    /// <exception cref="SparkException">It does not within a minute; says what the servers said last.</exception>
    public Task ServesAsync(CancellationToken cancellationToken = default) => ServesAsync(Url, cancellationToken);

    /// <summary>Waits until one server serves, and with it a majority.</summary>
    public Task ServesAsync(ZooKeeperServer server, CancellationToken cancellationToken = default) =>
        ServesAsync($"127.0.0.1:{server.ClientPort}", cancellationToken);

    /// <summary>Makes a root of its own for a test or a run, and returns the URL that has it: what is done there disturbs nobody.</summary>
    public async Task<string> UrlOfNewRootAsync(CancellationToken cancellationToken = default)
    {
        await using var client = Client(Url);
        var root = "/" + Guid.NewGuid().ToString("N");
        await client.EnsureAsync(root, cancellationToken);
        return Url + root;
    }

    /// <summary>The server that leads the others, asked of the servers.</summary>
    /// <exception cref="SparkException">None says that it does.</exception>
    public async Task<ZooKeeperServer> LeaderAsync(CancellationToken cancellationToken = default)
    {
        foreach (var server in _servers.Where(server => server.IsRunning))
        {
            if ((await AskAsync(server, "srvr", cancellationToken)).Contains("Mode: leader", StringComparison.Ordinal)) return server;
        }

        throw new SparkException("No server of ZooKeeper says that it leads.");
    }

    /// <summary>The term that the servers are in, and the number of the server that says that it leads; null while none says so.</summary>
    public async Task<(long Term, int Server)?> TermAsync(CancellationToken cancellationToken = default)
    {
        foreach (var server in _servers.Where(server => server.IsRunning))
        {
            var lines = (await AskAsync(server, "srvr", cancellationToken)).Split('\n', StringSplitOptions.TrimEntries);
            if (lines.Contains("Mode: leader") && Array.Find(lines, static line => line.StartsWith(ZxidLine, StringComparison.Ordinal)) is { } zxid)
                return (Convert.ToInt64(zxid[ZxidLine.Length..], 16) >> 32, server.Number);
        }

        return null;
    }

    /// <summary>Starts again what was stopped or has died, thaws what was frozen, and waits until all serve.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken = default)
    {
        foreach (var server in _servers.Where(static server => server.IsRunning && !server.HasDied)) await server.ThawAsync();
        await StartStoppedAsync();
        foreach (var server in _servers)
        {
            // One that finds its disk full may die yet.
            var serving = ServesAsync(server, cancellationToken);
            while (await Task.WhenAny(serving, Task.Delay(DeathCheck, cancellationToken)) != serving) await StartStoppedAsync();
            await serving;
        }
    }

    private async Task StartStoppedAsync()
    {
        foreach (var server in _servers)
        {
            if (server.HasDied) await server.KillAsync();
            if (!server.IsRunning) await server.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    private async Task ServesAsync(string url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReadyLimit);
        try
        {
            await using var client = Client(url);
            while (!await WritesAsync(client, limit.Token)) limit.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SparkException($"ZooKeeper did not serve at {url} within {ReadyLimit.TotalSeconds:F0} s. Its servers said:\n"
                + string.Join("\n\n", _servers.Select(server => $"server {server.Number}:\n{server.LogTail}")), e);
        }
    }

    private static async Task<bool> WritesAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.ConnectedAsync(cancellationToken);
            await client.SetDataAsync("/zookeeper", default, cancellationToken: cancellationToken);
            return true;
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.ConnectionLoss)
        {
            return false;
        }
    }

    private static ZooKeeperClient Client(string url) =>
        new(new ZooKeeperOptions(ZooKeeperUrl.Parse(url), TimeSpan.FromSeconds(10)), TimeProvider.System, NullLogger.Instance);

    private static async Task<string> AskAsync(ZooKeeperServer server, string word, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, server.ClientPort, cancellationToken);
            var stream = connection.GetStream();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(word), cancellationToken);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }

    private static ZooKeeperServer Prepare(ZooKeeperInstallation installation, string parent, int number, int[] ports)
    {
        var directory = DirectoryOf(parent, number);
        var data = Directory.CreateDirectory(Path.Combine(directory, "data")).FullName;
        File.WriteAllText(Path.Combine(data, "myid"), number.ToString(CultureInfo.InvariantCulture));
        var peers = Enumerable.Range(1, Servers).Select(peer => $"server.{peer}=127.0.0.1:{ports[peer * 3 - 3]}:{ports[peer * 3 - 2]}");
        var clientPort = ports[number * 3 - 1];
        var configuration = Path.Combine(directory, "zoo.cfg");
        File.WriteAllLines(configuration,
        [
            $"tickTime={Tick.TotalMilliseconds:F0}", "initLimit=50", "syncLimit=10", "maxSessionTimeout=60000", "maxClientCnxns=0", "admin.enableServer=false",
            "4lw.commands.whitelist=srvr", $"dataDir={data}", "clientPortAddress=127.0.0.1", $"clientPort={clientPort}", .. peers,
        ]);

        // Log files of 1 MiB instead of 64, and fewer transactions kept in memory for servers that lag: with batches of a megabyte each they would fill it.
        string[] settings =
        [
            "-Xmx768m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Dzookeeper.preAllocSize=1024",
                "-Dzookeeper.commitLogCount=20", "-Dzookeeper.admin.enableServer=false",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Djava.net.preferIPv4Stack=true",
        ];
        return new ZooKeeperServer(number, clientPort, directory,
            ["java", .. settings, "-cp", installation.ClassPath, "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration]);
    }

    private static string DirectoryOf(string parent, int number) => Path.Combine(parent, number.ToString(CultureInfo.InvariantCulture));

    // All are held until the last is known, so that they differ.
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
