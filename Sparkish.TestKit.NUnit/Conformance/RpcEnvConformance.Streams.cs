using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Streams, files, and endpoints that start on other nodes.</content>
public abstract partial class RpcEnvConformance
{
    private static readonly (string Key, string Value)[] PermitsDeployment =
    [
        ("spark.rpc.deploy.enabled", "true"), ("spark.authenticate", "true"), ("spark.authenticate.secret", "a secret of this suite and of nobody else"),
    ];

    [TestCase(false)]
    [TestCase(true)]
    public Task A_stream_gives_all_pieces_in_their_order(bool remote) => CheckAsync(RpcEnvFeature.Streams, () =>
    {
        var (server, client) = NewPair(remote);
        server.Bulk.Register("numbers", new Numbers());

        for (var length = 0; length <= 300_000; length += 100_000)
        {
            using var stream = client.OpenBulk(server.Address, $"numbers/{length}");
            var read = new byte[length];
            stream.ReadExactly(read);
            Assert.That((stream.Length, stream.Read(new byte[1]), read), Is.EqualTo(((long)length, 0, Numbers.Of(length))));
        }

        return Task.CompletedTask;
    });

    [Test]
    public Task A_path_that_is_not_served_and_one_whose_source_fails_tell_so() => CheckAsync(RpcEnvFeature.Streams, () =>
    {
        var (server, client) = NewPair(remote: true);
        server.Bulk.Register("numbers", new Numbers());

        Assert.That(() => client.OpenBulk(server.Address, "nothing/here"), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("nothing/here"));
        Assert.That(() => client.OpenBulk(server.Address, "numbers/-1"), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("no number"));
        return Task.CompletedTask;
    });

    [Test]
    public Task A_stream_of_a_node_that_cannot_be_reached_tells_so() => CheckAsync(RpcEnvFeature.Streams, async () =>
    {
        var client = NewEnv("client");
        var gone = NewEnv("gone");
        await gone.DisposeAsync();

        Assert.That(() => client.OpenBulk(gone.Address, "numbers/1"), Throws.InstanceOf<RpcConnectionException>().With.Message.Contains($"{gone.Address}"));
    });

    [Test]
    public Task A_served_file_is_fetched_whole() => CheckAsync(RpcEnvFeature.Files, async () =>
    {
        var (server, client) = NewPair(remote: true);
        var directory = Directory.CreateTempSubdirectory("sparkish-conformance-");
        try
        {
            var (file, copy) = (Path.Combine(directory.FullName, "file"), Path.Combine(directory.FullName, "copy"));
            File.WriteAllBytes(file, Numbers.Of(500_000));

            await client.FetchFileAsync(server.FileServer.AddFile(file), copy);

            Assert.That(File.ReadAllBytes(copy), Is.EqualTo(Numbers.Of(500_000)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_deployed_endpoint_answers_is_watched_and_is_stopped_by_its_deployer(bool remote) => CheckAsync(RpcEnvFeature.Deployment, async () =>
    {
        var client = NewEnv("client", conf: PermitsDeployment);
        var server = remote ? NewEnv("server", conf: PermitsDeployment) : client;
        var probe = TestProbe.On(client);

        var there = await client.DeployAsync(server.Address, "deployed", new EndpointProps(() => new Echo()));
        probe.Watch(there);
        await SettleAsync(probe, there);
        var answer = await there.AskAsync<int>(7);
        await client.StopDeployedAsync(there);

        Assert.That((answer, there.Address), Is.EqualTo((7, server.Address)));
        await probe.ExpectTerminatedAsync(there);
    });

    [Test]
    public Task A_node_that_permits_no_deployment_says_so() => CheckAsync(RpcEnvFeature.Deployment, async () =>
    {
        var (server, client) = NewPair(remote: true);

        var error = await FailureOfAsync<RpcRemoteException>(client.DeployAsync(server.Address, "deployed", new EndpointProps(() => new Echo())));

        Assert.That(error.Message, Does.Contain("spark.rpc.deploy.enabled"));
    });

    /// <summary>Serves as many bytes as the path says, in chunks.</summary>
    private sealed class Numbers : IBulkSource
    {
        private const int PieceBytes = 64 << 10;

        public static byte[] Of(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];

        public BulkContent Open(string path)
        {
            if (!uint.TryParse(path, out var length)) throw new BulkNotFoundException($"'{path}' is no number of bytes.");
            var (content, bytes) = (new BulkContent(), Of((int)length));
            for (var start = 0; start < bytes.Length; start += PieceBytes) content.Add(bytes.AsMemory(start, Math.Min(PieceBytes, bytes.Length - start)));
            return content;
        }
    }
}
