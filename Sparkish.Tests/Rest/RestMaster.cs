using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Rest;
using Sparkish.Tests.Deploy;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rest;

/// <summary>A master with its REST server in this process, and a client.</summary>
internal sealed class RestMaster : IAsyncDisposable
{
    public const string Prefix = "/v1/submissions/";

    private readonly MasterNode _master;
    private readonly RunningRest _rest;

    private RestMaster(MasterNode master, RunningRest rest, RecordedLog log)
    {
        (_master, _rest, Log) = (master, rest, log);
        Client = new HttpClient { BaseAddress = rest.Url };
    }

    public HttpClient Client { get; }

    public RecordedLog Log { get; }

    public Uri Url => _rest.Url;

    public Sparkish.Rpc.RpcAddress Address => _master.Address;

    public static Task<RestMaster> StartAsync(params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.timeout", "10min");
        foreach (var (key, value) in settings) conf.Set(key, value);
        return StartAsync(conf);
    }

    public static async Task<RestMaster> StartAsync(SparkConf conf)
    {
        conf.Set("spark.master.rest.enabled", "true").SetIfMissing("spark.master.rest.port", "0");
        var log = new RecordedLog();
        var master = MasterNode.Start(TestedEnv.Factory, conf, "127.0.0.1", port: 0, NullLoggerFactory.Instance);
        try
        {
            return new RestMaster(master, (await MasterRest.StartAsync(conf, master, log, static _ => null))!, log);
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    /// <summary>The body of a submission.</summary>
    public static string Submission(
        string resource = "file:/opt/app/app.dll", Dictionary<string, string>? properties = null, Dictionary<string, string>? environment = null,
        string action = "CreateSubmissionRequest") => JsonSerializer.Serialize(new
        {
            action,
            clientSparkVersion = "4.3.0",
            appResource = resource,
            mainClass = "Main",
            appArgs = new[] { "first", "runs=0" },
            environmentVariables = environment ?? new Dictionary<string, string>(StringComparer.Ordinal) { ["SPARK_ENV_LOADED"] = "1" },
            sparkProperties = properties ?? new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.app.name"] = "by-rest", ["spark.driver.memory"] = "512m" },
        });

    /// <summary>Sends a request; the answer's body must be an object of the protocol.</summary>
    public async Task<(int Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? body = null, string? token = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"), text);
        return ((int)response.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    public Task<(int Status, JsonElement Body)> PostAsync(string action, string? body = null, string? token = null) =>
        SendAsync(HttpMethod.Post, Prefix + action, body, token);

    public Task<(int Status, JsonElement Body)> GetAsync(string action, string? token = null) => SendAsync(HttpMethod.Get, Prefix + action, token: token);

    /// <summary>A worker that runs drivers; it has registered.</summary>
    public async Task<Probe> AddWorkerAsync()
    {
        var worker = new Probe("Worker");
        worker.To(Address, "Master").Send(
            new RegisterWorker(new WorkerId("worker-1"), "127.0.0.1", worker.Ref.Address.Port, worker.Ref, 4, 4096, Address) { RunsDrivers = true });
        await worker.ExpectAsync<RegisteredWorker>();
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _rest.DisposeAsync();
        await _master.DisposeAsync();
    }
}
