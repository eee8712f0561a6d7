using System.Security.Cryptography;
using Sparkish.Deploy;
using Sparkish.Deploy.Uploads;
using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Uploads;

/// <summary>Packages on their way to masters and to workers, over real sockets.</summary>
internal sealed class UploadServerTests
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(600_000);
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));

    private TemporaryDirectory _directory = null!;
    private RpcEnv _master = null!;
    private RpcEnv _client = null!;
    private RpcEnv _worker = null!;

    [SetUp]
    public void StartNodes()
    {
        _directory = new TemporaryDirectory();
        (_master, _client, _worker) = (Probe.NewEnv("Master"), Probe.NewEnv("driver"), Probe.NewEnv("Worker"));
    }

    [TearDown]
    public async Task StopNodes()
    {
        foreach (var env in new[] { _client, _worker, _master }) await env.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task A_worker_fetches_the_package_that_a_client_has_sent()
    {
        Serve();
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);

        await UploadClient.FetchAsync(_worker, [new RpcAddress("127.0.0.1", 1), _master.Address], Hash, _directory.File("fetched"), CancellationToken.None);

        Assert.That(await File.ReadAllBytesAsync(_directory.File("fetched")), Is.EqualTo(Content));
        Assert.That(Directory.EnumerateFiles(_directory.File("uploads")).Select(Path.GetFileName), Is.EqualTo(new[] { Hash }));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(Path.Combine(_directory.File("uploads"), Hash)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task A_package_that_the_master_has_is_sent_once()
    {
        Serve();
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);

        var reply = await Server(_client).AskAsync<UploadReply>(new UploadPart(Hash, Content.Length, 0, Content[..10]));

        Assert.That(reply, Is.EqualTo(new UploadReply(Content.Length, null)));
    }

    [Test]
    public void A_package_that_nobody_has_is_reported_with_the_reason_of_each_master()
    {
        Serve();

        Assert.That(async () => await UploadClient.FetchAsync(_worker, [_master.Address], Hash, _directory.File("fetched"), CancellationToken.None),
            Throws.TypeOf<SparkException>().With.Message.Contains($"{_master.Address}: ").And.Message.Contains("does not have the package"));
    }

    [Test]
    public void Content_that_does_not_have_its_hash_is_refused_and_not_kept()
    {
        Serve();

        Assert.That(async () => await UploadClient.SendAsync(_client, _master.Address, Package([1, 2, 3]), Hash, CancellationToken.None),
            Throws.TypeOf<SparkException>().With.Message.Contains("hash"));
        Assert.That(Directory.EnumerateFiles(_directory.File("uploads")), Is.Empty);
    }

    [Test]
    public void A_package_over_the_limit_is_refused_with_the_key()
    {
        Serve(maxSize: Content.Length - 1);

        Assert.That(async () => await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None),
            Throws.TypeOf<SparkException>().With.Message.Contains("600000 bytes").And.Message.Contains("spark.deploy.uploads.maxSize"));
    }

    [Test]
    public async Task Parts_out_of_order_are_refused()
    {
        Serve();
        await Server(_client).AskAsync<UploadReply>(new UploadPart(Hash, Content.Length, 0, Content[..100]));

        var reply = await Server(_client).AskAsync<UploadReply>(new UploadPart(Hash, Content.Length, 200, Content[200..300]));

        Assert.That(reply.Refusal, Does.Contain("order"));
    }

    [TestCase("../../etc/passwd", 10, 0)]
    [TestCase("", 10, 0)]
    [TestCase("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", -1, 0)]
    [TestCase("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 10, 11)]
    [TestCase("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 2, 0)]
    public void Parts_that_are_not_valid_are_refused(string hash, long length, long offset)
    {
        Serve();

        Assert.That(async () => await Server(_client).AskAsync<UploadReply>(new UploadPart(hash, length, offset, [1, 2, 3])),
            Throws.InstanceOf<SparkException>().With.Message.Contains("Refused UploadPart"));
    }

    [Test]
    public void Workers_alone_fetch_and_drivers_alone_send()
    {
        Serve();

        Assert.That(async () => await Server(_client).AskAsync<FetchedPart>(new FetchPart(Hash, 0)),
            Throws.InstanceOf<SparkException>().With.Message.Contains("FetchPart"));
        Assert.That(async () => await Server(_worker).AskAsync<UploadReply>(new UploadPart(Hash, 3, 0, [1, 2, 3])),
            Throws.InstanceOf<SparkException>().With.Message.Contains("UploadPart"));
    }

    [Test]
    public async Task A_package_is_removed_when_its_last_driver_has_ended()
    {
        var leader = new Leader { Needed = [Hash] };
        _master.SetupEndpoint("Master", leader);
        Serve();
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);
        await leader.WhenAskedTwiceAsync();
        Assert.That(File.Exists(Path.Combine(_directory.File("uploads"), Hash)), Is.True);

        leader.Needed = [];

        await Eventually.AwaitConditionAsync(
            TimeProvider.System, () => !File.Exists(Path.Combine(_directory.File("uploads"), Hash)), "the package is removed");
    }

    [Test]
    public async Task A_package_is_removed_also_if_its_driver_ended_between_two_looks()
    {
        var leader = new Leader();
        _master.SetupEndpoint("Master", leader);
        Serve();
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);
        await leader.WhenAskedTwiceAsync();
        Assert.That(File.Exists(Path.Combine(_directory.File("uploads"), Hash)), Is.True);

        Server(_master).Send(new PackageSubmitted(Hash));

        await Eventually.AwaitConditionAsync(
            TimeProvider.System, () => !File.Exists(Path.Combine(_directory.File("uploads"), Hash)), "the package is removed");
    }

    [Test]
    public async Task A_master_without_room_refuses_a_package_if_it_leads_and_drivers_need_the_others()
    {
        var leader = new Leader { Needed = [Hash] };
        _master.SetupEndpoint("Master", leader);
        Serve(maxTotalSize: Content.Length + 2);
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);
        await leader.WhenAskedTwiceAsync();

        var reply = await Server(_client).AskAsync<UploadReply>(new UploadPart(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), 3, 0, [1, 2, 3]));

        Assert.That(reply.Refusal, Does.Contain("spark.deploy.uploads.maxTotalSize"));
    }

    [Test]
    public async Task A_standby_without_room_removes_its_oldest_package()
    {
        Serve(maxTotalSize: Content.Length + 2);
        await UploadClient.SendAsync(_client, _master.Address, Package(Content), Hash, CancellationToken.None);

        var reply = await Server(_client).AskAsync<UploadReply>(new UploadPart(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), 3, 0, [1, 2, 3]));

        Assert.That(reply, Is.EqualTo(new UploadReply(3, null)));
        Assert.That(File.Exists(Path.Combine(_directory.File("uploads"), Hash)), Is.False);
    }

    private void Serve(long maxSize = 1 << 20, long maxTotalSize = 1 << 20)
    {
        var options = new UploadOptions(_directory.File("uploads"), _directory.Path, maxSize, maxTotalSize)
        {
            CleaningInterval = TimeSpan.FromMilliseconds(20),
        };
        _master.SetupEndpoint(UploadServer.EndpointName, new UploadServer(options, "Master"));
    }

    private RpcEndpointRef Server(RpcEnv asker) => asker.RefTo(new RpcEndpointAddress(_master.Address, UploadServer.EndpointName));

    private string Package(byte[] content)
    {
        File.WriteAllBytes(_directory.File("package"), content);
        return _directory.File("package");
    }

    private sealed class Leader : RpcEndpoint
    {
        private readonly System.Threading.Channels.Channel<object> _asked = System.Threading.Channels.Channel.CreateUnbounded<object>();

        public volatile string[] Needed = [];

        public async Task WhenAskedTwiceAsync()
        {
            for (var i = 0; i < 2; i++) await _asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            call.Reply(Needed);
            _asked.Writer.TryWrite(message);
        }
    }
}
