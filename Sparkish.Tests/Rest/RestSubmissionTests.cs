using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Rest;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Rest;

/// <summary>Spark's scenarios of its REST submission server, and what a stranger may try.</summary>
internal sealed class RestSubmissionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_driver_is_submitted_reported_and_killed()
    {
        await using var master = await RestMaster.StartAsync();
        await using var worker = await master.AddWorkerAsync();

        var created = await master.PostAsync("create", RestMaster.Submission());
        var launch = await worker.ExpectAsync<LaunchDriver>();
        var running = await master.GetAsync($"status/{launch.Driver}");
        var killed = await master.PostAsync($"kill/{launch.Driver}");
        var kill = await worker.ExpectAsync<KillDriver>();
        await worker.To(master.Address, "Master").AskAsync<bool>(new DriverStateChanged(new WorkerId("worker-1"), launch.Driver, DriverState.Killed, null));
        var ended = await master.GetAsync($"status/{launch.Driver}");
        var again = await master.PostAsync($"kill/{launch.Driver}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(created, "message"), Is.EqualTo($"Driver successfully submitted as {launch.Driver}"));
            Assert.That(Text(created, "submissionId"), Is.EqualTo(launch.Driver.Value));
            Assert.That((launch.Description.JarUrl, launch.Description.MemoryMiB), Is.EqualTo(("local:/opt/app/app.dll", 512)));
            Assert.That((Text(running, "driverState"), Text(running, "workerId")), Is.EqualTo(("RUNNING", "worker-1")));
            Assert.That(Text(running, "workerHostPort"), Is.EqualTo(worker.Ref.Address.ToString()));
            Assert.That((Text(killed, "message"), kill.Driver), Is.EqualTo(($"Kill request for {launch.Driver} submitted", launch.Driver)));
            Assert.That((Text(ended, "driverState"), Text(ended, "workerId")), Is.EqualTo(("KILLED", "worker-1")), "also after its end");
            Assert.That((again.Status, again.Body.GetProperty("success").GetBoolean()), Is.EqualTo((200, false)));
            Assert.That(Text(again, "message"), Is.EqualTo($"Driver {launch.Driver} has already finished or does not exist"));
        }
    }

    [Test]
    public async Task The_error_of_a_driver_is_told()
    {
        await using var master = await RestMaster.StartAsync();
        await using var worker = await master.AddWorkerAsync();
        await master.PostAsync("create", RestMaster.Submission());
        var launch = await worker.ExpectAsync<LaunchDriver>();
        await worker.To(master.Address, "Master").AskAsync<bool>(
            new DriverStateChanged(new WorkerId("worker-1"), launch.Driver, DriverState.Error, "no such file"));

        var status = await master.GetAsync($"status/{launch.Driver}");

        Assert.That((Text(status, "driverState"), Text(status, "message")), Is.EqualTo(("ERROR", "Exception from the cluster:\nno such file")));
    }

    [Test]
    public async Task All_drivers_are_killed_and_the_history_is_cleared()
    {
        await using var master = await RestMaster.StartAsync();
        var first = Text(await master.PostAsync("create", RestMaster.Submission()), "submissionId");
        await master.PostAsync("create", RestMaster.Submission());

        var killed = await master.PostAsync("killall");
        var before = await master.GetAsync($"status/{first}");
        var cleared = await master.PostAsync("clear");
        var after = await master.GetAsync($"status/{first}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((killed.Status, Text(killed, "message")), Is.EqualTo((200, "Kill request for all drivers submitted")));
            Assert.That(Text(before, "driverState"), Is.EqualTo("KILLED"));
            Assert.That((cleared.Status, Text(cleared, "message")), Is.EqualTo((200, "")));
            Assert.That(after.Body.GetProperty("success").GetBoolean(), Is.False);
        }
    }

    [Test]
    public async Task Fields_that_the_server_does_not_know_are_named_and_the_driver_is_submitted()
    {
        await using var master = await RestMaster.StartAsync();
        var body = RestMaster.Submission().Replace("{\"action\"", "{\"tired\":\"not\",\"mood\":\"good\",\"action\"", StringComparison.Ordinal);

        var created = await master.PostAsync("create", body);

        Assert.That(created.Body.GetProperty("unknownFields").EnumerateArray().Select(field => field.GetString()), Is.EqualTo(new[] { "tired", "mood" }));
        Assert.That(created.Body.GetProperty("success").GetBoolean(), Is.True);
    }

    [TestCase("create", "GET")]
    [TestCase("create", "PUT")]
    [TestCase("kill/driver-1", "GET")]
    [TestCase("kill/driver-1", "DELETE")]
    [TestCase("killall", "GET")]
    [TestCase("clear", "GET")]
    [TestCase("status/driver-1", "POST")]
    [TestCase("readyz", "POST")]
    public async Task A_wrong_method_changes_nothing(string action, string method)
    {
        await using var master = await RestMaster.StartAsync();
        var waiting = Text(await master.PostAsync("create", RestMaster.Submission()), "submissionId");

        var (status, body) = await master.SendAsync(new HttpMethod(method), RestMaster.Prefix + action);

        Assert.That((status, body.GetProperty("action").GetString()), Is.EqualTo((405, "ErrorResponse")));
        Assert.That(Text(await master.GetAsync($"status/{waiting}"), "driverState"), Is.EqualTo("SUBMITTED"));
    }

    [Test]
    public async Task What_is_too_large_or_of_another_type_is_refused()
    {
        await using var master = await RestMaster.StartAsync();
        var huge = RestMaster.Submission(properties: new(StringComparer.Ordinal) { ["spark.app.name"] = new string('x', 1 << 20) });
        var large = RestMaster.Submission(properties: new(StringComparer.Ordinal) { ["spark.app.name"] = new string('x', 9000) });
        var many = RestMaster.Submission(properties: Enumerable.Range(0, 1001).ToDictionary(
            static i => string.Create(CultureInfo.InvariantCulture, $"spark.my.{i}"), static _ => "x", StringComparer.Ordinal));

        var bodies = await master.PostAsync("create", huge);
        var texts = await master.PostAsync("create", large);
        var numbers = await master.PostAsync("create", many);
        var type = await master.SendAsync(HttpMethod.Post, "/v1/submissions/create", RestMaster.Submission(), type: "text/plain");
        var id = await master.PostAsync("kill/" + new string('x', 200));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((bodies.Status, texts.Status, numbers.Status, type.Status, id.Status), Is.EqualTo((413, 400, 400, 415, 400)));
            Assert.That(Text(texts, "message"), Does.Contain("9000 characters"));
            Assert.That(Text(numbers, "message"), Does.Contain("1001").Or.Contain("1002"));
        }
    }

    [TestCase("driver-%0d%0aX")]
    [TestCase("..%2f..%2fetc")]
    [TestCase("<script>")]
    public async Task An_id_that_is_none_is_unknown(string id)
    {
        await using var master = await RestMaster.StartAsync();

        var killed = await master.PostAsync($"kill/{id}");
        var status = await master.GetAsync($"status/{id}");

        Assert.That((killed.Status, status.Status), Is.EqualTo((200, 200)));
        Assert.That(killed.Body.GetProperty("success").GetBoolean() || status.Body.GetProperty("success").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Pages_of_other_sites_cannot_use_a_browser_to_submit()
    {
        await using var master = await RestMaster.StartAsync();

        var origin = await master.SendAsync(
            HttpMethod.Post, "/v1/submissions/killall", headers: ("Origin", "http://evil.example"));
        var rebound = await master.SendAsync(HttpMethod.Get, "/v1/submissions/readyz", headers: ("Host", "evil.example:6066"));
        var own = await master.SendAsync(
            HttpMethod.Get, "/v1/submissions/readyz", headers: ("Origin", master.Url.GetLeftPart(UriPartial.Authority)));

        Assert.That((origin.Status, rebound.Status, own.Status), Is.EqualTo((403, 400, 200)));
    }

    [Test]
    public async Task Garbage_on_the_socket_ends_the_connection_and_nothing_else()
    {
        await using var master = await RestMaster.StartAsync();
        foreach (var bytes in new[] { new byte[100_000], Encoding.ASCII.GetBytes("GET / HTTP/9.9\r\n\r\n"), Encoding.ASCII.GetBytes("POST\r\n\r\n"),
            Encoding.ASCII.GetBytes($"GET /v1/submissions/readyz HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 20_000)}\r\n\r\n"),
            [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3], Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") })
        {
            using var client = new TcpClient(master.Url.Host, master.Url.Port);
            var stream = client.GetStream();
            await stream.WriteAsync(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            await ReadToEndAsync(stream);
        }

        Assert.That((await master.GetAsync("readyz")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task One_source_has_a_bounded_number_of_connections()
    {
        await using var master = await RestMaster.StartAsync();
        var silent = new List<TcpClient>();
        for (var i = 0; i < 64; i++) silent.Add(new TcpClient(master.Url.Host, master.Url.Port));

        using var next = new TcpClient(master.Url.Host, master.Url.Port);
        var read = await ReadToEndAsync(next.GetStream());
        silent.ForEach(static one => one.Dispose());

        Assert.That(read, Is.Empty, "it was closed without an answer");
        Assert.That(async () =>
        {
            try
            {
                return (await master.GetAsync("readyz")).Status;
            }
            catch (HttpRequestException)
            {
                return 0; // the server has not seen yet that the others are closed
            }
        }, Is.EqualTo(200).After(60_000, 50));
        Assert.That(master.Log.Lines, Has.Some.Contains("Refused a connection over HTTP"));
    }

    [Test]
    public async Task A_standby_answers_as_Sparks_does()
    {
        await using var env = TestedEnv.Factory.Create(
            new RpcEnvOptions("sparkMaster", new SparkConf(loadDefaults: false), DeployMessages.Register(new MessageRegistry())));
        env.SetupEndpoint("Master", new StandbyMaster());
        var service = new RestService(env, Limit, NullLogger.Instance);

        var created = await AnswerAsync(RestAction.Create, RestMaster.Submission());
        var killed = await AnswerAsync(RestAction.Kill);
        var all = await AnswerAsync(RestAction.KillAll);
        var status = await AnswerAsync(RestAction.Status);
        var cleared = await AnswerAsync(RestAction.Clear);
        var ready = Assert.ThrowsAsync<RestException>(() => AnswerAsync(RestAction.Readyz))!.Error;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(created, Does.Contain("\"success\": false").And.Contain(
                "\"message\": \"Current state is not alive: STANDBY. Can only accept driver submissions in ALIVE state.\"").And.Not.Contain("submissionId"));
            Assert.That(killed, Does.Contain("Current state is not alive: STANDBY. Can only kill drivers in ALIVE state."));
            Assert.That(all, Does.Contain("Current state is not alive: STANDBY. Can only kill drivers in ALIVE state."));
            Assert.That(status, Does.Contain("\"success\": false").And.Contain("Can only request driver status in ALIVE state."));
            Assert.That(cleared, Does.Contain("Current state is not alive: STANDBY."));
            Assert.That((ready.Status, ready.Message), Is.EqualTo((503, "Master is not ready.")));
        }

        async Task<string> AnswerAsync(RestAction action, string body = "")
        {
            var route = new RestRoute(action, "driver-20260102030405-0000");
            var caller = new RestCaller(Senders.Node | Senders.Driver, Realm: null);
            var reply = await service.AnswerAsync(route, caller, "test", Encoding.UTF8.GetBytes(body), CancellationToken.None);
            return Encoding.UTF8.GetString(reply.ToJson().Span);
        }
    }

    [Test]
    public async Task A_master_that_does_not_answer_is_an_internal_error()
    {
        await using var env = TestedEnv.Factory.Create(
            new RpcEnvOptions("sparkMaster", new SparkConf(loadDefaults: false), DeployMessages.Register(new MessageRegistry())));
        var service = new RestService(env, Limit, NullLogger.Instance);

        var error = Assert.ThrowsAsync<RestException>(() => service.AnswerAsync(
            new RestRoute(RestAction.Readyz, null), new RestCaller(Senders.Node, Realm: null), "test", ReadOnlyMemory<byte>.Empty, CancellationToken.None))!.Error;

        Assert.That(error.Status, Is.EqualTo(500));
        Assert.That(error.Message, Does.StartWith("Internal server error: "));
    }

    [Test]
    public async Task It_is_off_unless_asked_for_and_a_taken_port_is_named()
    {
        var conf = new SparkConf(loadDefaults: false);
        await using var master = MasterNode.Start(TestedEnv.Factory, conf, "127.0.0.1", port: 0, NullLoggerFactory.Instance);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var off = await MasterRest.StartAsync(conf, master, NullLoggerFactory.Instance);

        Assert.That(off, Is.Null);
        Assert.That(async () => await MasterRest.StartAsync(
            conf.Set("spark.master.rest.enabled", "true").Set("spark.master.rest.port", port), master, NullLoggerFactory.Instance),
            Throws.TypeOf<SparkException>().With.Message.Contains($"127.0.0.1:{port}").And.Message.Contains("spark.master.rest.port"));
    }

    [Test]
    public void A_machine_without_ASP_NET_Core_is_told_what_to_install()
    {
        using var directory = new TemporaryDirectory();
        var runtime = Directory.CreateDirectory(directory.File("shared/Microsoft.NETCore.App/10.0.1")).FullName;
        foreach (var version in new[] { "9.0.9", "10.0.2", "10.0.10", "10.1.0", "nonsense" })
            Directory.CreateDirectory(directory.File($"shared/Microsoft.AspNetCore.App/{version}"));

        Assert.That(AspNetCoreRuntime.Find(runtime, new Version(10, 0, 1)), Does.EndWith("10.0.10"));
        Assert.That(() => AspNetCoreRuntime.Find(runtime, new Version(11, 0)),
            Throws.TypeOf<SparkException>().With.Message.Contains("ASP.NET Core 11.0").And.Message.Contains(directory.Path));
    }

    private static string? Text((int Status, JsonElement Body) answer, string field) =>
        answer.Body.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static async Task<byte[]> ReadToEndAsync(NetworkStream stream)
    {
        var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read).WaitAsync(Limit);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }

        return read.ToArray();
    }
}
