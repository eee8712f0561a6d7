using System.Text;
using System.Text.Json;
using Sparkish.Deploy;

namespace Sparkish.Tests.Rest;

/// <summary>
/// Answers have the status and the fields of Spark's. The table is what Spark 4.3.0 answered; where its samples are present, they prove the table.
/// </summary>
internal sealed class RestSamplesTests
{
    private const string Driver = "{driver}";

    // Spark's own answer to this one is a page of its web server, with a stack of Java.
    private const string WithoutFields = "create-wrong-action";

    private static readonly string[] OfError = ["action", "message", "serverSparkVersion"];
    private static readonly string[] OfAction = ["action", "message", "serverSparkVersion", "success"];
    private static readonly string[] OfDriver = ["action", "message", "serverSparkVersion", "submissionId", "success"];
    private static readonly string[] OfRunning = ["action", "driverState", "serverSparkVersion", "submissionId", "success", "workerHostPort", "workerId"];

    private static readonly Sample[] Samples =
    [
        new("create", "POST", "/v1/submissions/create", 200, OfDriver, "CreateSubmissionResponse", "Driver successfully submitted as " + Driver),
        new("create-malformed", "POST", "/v1/submissions/create", 400, OfError, "ErrorResponse", "Malformed request: ") { Body = "{\"action\":" },
        new("create-missing-fields", "POST", "/v1/submissions/create", 400, OfError, "ErrorResponse", "Malformed request: ")
        {
            Body = "{\"action\":\"CreateSubmissionRequest\",\"clientSparkVersion\":\"4.3.0\"}",
        },
        new(WithoutFields, "POST", "/v1/submissions/create", 500, OfError, "ErrorResponse", "Internal server error: ")
        {
            Body = "{\"action\":\"KillSubmissionRequest\"}",
        },
        new("readyz", "GET", "/v1/submissions/readyz", 200, OfAction, "ReadyzResponse", ""),
        new("status", "GET", "/v1/submissions/status/" + Driver, 200, OfRunning, "SubmissionStatusResponse", null),
        new("status-all", "GET", "/v1/submissions/status", 400, OfError, "ErrorResponse", "Submission ID is missing in status request."),
        new("status-unknown", "GET", "/v1/submissions/status/driver-0", 200, ["action", "serverSparkVersion", "submissionId", "success"],
            "SubmissionStatusResponse", null),
        new("unknown-path", "GET", "/v1/nope", 468, ["action", "highestProtocolVersion", "message", "serverSparkVersion"], "ErrorResponse",
            "Unknown protocol version 'v1'. Please submit requests through http://[host]:[port]/v1/submissions/..."),
        new("wrong-version", "POST", "/v99/submissions/create", 468, ["action", "highestProtocolVersion", "message", "serverSparkVersion"], "ErrorResponse",
            "Unknown protocol version 'v99'. Please submit requests through http://[host]:[port]/v1/submissions/...")
        {
            Body = "{\"action\":\"KillSubmissionRequest\"}",
        },
        new("kill-unknown", "POST", "/v1/submissions/kill/driver-0", 200, OfDriver, "KillSubmissionResponse",
            "Driver driver-0 has already finished or does not exist"),
        new("kill", "POST", "/v1/submissions/kill/" + Driver, 200, OfDriver, "KillSubmissionResponse", $"Kill request for {Driver} submitted"),
        new("status-after-kill", "GET", "/v1/submissions/status/" + Driver, 200, OfRunning, "SubmissionStatusResponse", null),
        new("killall", "POST", "/v1/submissions/killall", 200, OfAction, "KillAllSubmissionResponse", "Kill request for all drivers submitted"),
        new("clear", "POST", "/v1/submissions/clear", 200, OfAction, "ClearResponse", ""),
    ];

    [Test]
    public async Task Every_answer_has_the_status_and_the_fields_of_Sparks()
    {
        await using var master = await RestMaster.StartAsync();
        await using var worker = await master.AddWorkerAsync();
        var driver = "";
        foreach (var sample in Samples)
        {
            var path = sample.Path.Replace(Driver, driver, StringComparison.Ordinal);
            var body = sample.Name == "create" ? RestMaster.Submission() : sample.Body;
            var (status, answer) = await master.SendAsync(new HttpMethod(sample.Method), path, body);
            if (sample.Name == "create") driver = (await worker.ExpectAsync<LaunchDriver>()).Driver.Value;
            if (sample.Name == "kill")
            {
                var end = new DriverStateChanged(new WorkerId("worker-1"), (await worker.ExpectAsync<KillDriver>()).Driver, DriverState.Killed, null);
                await worker.To(master.Address, "Master").AskAsync<bool>(end);
            }

            using (Assert.EnterMultipleScope())
            {
                Assert.That((status, answer.GetProperty("action").GetString()), Is.EqualTo((sample.Status, sample.Action)), sample.Name);
                Assert.That(Fields(answer), Is.EqualTo(sample.Fields), sample.Name);
                var expected = sample.Message?.Replace(Driver, driver, StringComparison.Ordinal);
                if (expected is not null) Assert.That(answer.GetProperty("message").GetString(), Does.StartWith(expected), sample.Name);
            }
        }
    }

    [Test]
    public void The_table_is_what_Spark_answers()
    {
        if (SparkPeer.Samples() is not { } directory)
        {
            Assert.Ignore("The samples of Spark's answers are not present.");
            return;
        }

        var files = Directory.EnumerateFiles(directory, "*.txt").ToDictionary(static file => Path.GetFileNameWithoutExtension(file)!, File.ReadAllText);
        Assert.That(files.Keys, Is.EquivalentTo(Samples.Select(static sample => sample.Name)));
        foreach (var sample in Samples)
        {
            var text = files[sample.Name];
            var (request, answer) = (text[..text.IndexOf("--- answer", StringComparison.Ordinal)].Trim(), text[text.IndexOf("--- answer", StringComparison.Ordinal)..]);
            var status = answer[answer.LastIndexOf("HTTP ", StringComparison.Ordinal)..].Split(' ')[1];
            using (Assert.EnterMultipleScope())
            {
                Assert.That(status, Is.EqualTo($"{sample.Status}"), sample.Name);
                Assert.That(request, Does.StartWith($"{sample.Method} {sample.Path.Replace(Driver, "driver-2", StringComparison.Ordinal)}"), sample.Name);
                if (sample.Body is not null) Assert.That(request, Does.EndWith(sample.Body), sample.Name);
            }

            if (sample.Name == WithoutFields) continue;
            var json = answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)];
            using var document = JsonDocument.Parse(json);
            var told = document.RootElement.TryGetProperty("message", out var message) ? message.GetString() : null;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(Fields(document.RootElement), Is.EqualTo(sample.Fields), sample.Name);
                Assert.That(document.RootElement.GetProperty("action").GetString(), Is.EqualTo(sample.Action), sample.Name);
                var expected = sample.Message?.Split(Driver)[0];
                if (expected is not null) Assert.That(told, Does.StartWith(expected), sample.Name);
            }
        }
    }

    [Test]
    public void An_answer_is_pretty_printed_with_its_keys_in_order()
    {
        var json = Encoding.UTF8.GetString(Sparkish.Rest.RestReply.Of("ReadyzResponse", success: true).With("message", "<\n\"é").ToJson().Span);

        Assert.That(json.Split('\n')[0].TrimEnd(), Is.EqualTo("{"));
        Assert.That(Fields(JsonDocument.Parse(json).RootElement), Is.Ordered.Using((System.Collections.IComparer)StringComparer.Ordinal));
        Assert.That(JsonDocument.Parse(json).RootElement.GetProperty("message").GetString(), Is.EqualTo("<\n\"é"));
    }

    private static string[] Fields(JsonElement answer) => [.. answer.EnumerateObject().Select(static field => field.Name)];

    private sealed record Sample(string Name, string Method, string Path, int Status, string[] Fields, string Action, string? Message)
    {
        public string? Body { get; init; }
    }
}
