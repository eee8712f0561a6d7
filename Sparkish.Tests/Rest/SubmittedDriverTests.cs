using System.Text;
using Sparkish.Deploy;
using Sparkish.Rest;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rest;

/// <summary>What a request over HTTP becomes for the master, and what it may not ask for.</summary>
internal sealed class SubmittedDriverTests
{
    private const int RestPort = 6066;
    private static readonly RpcAddress Master = new("10.0.0.1", 7077);

    [Test]
    public void A_request_becomes_a_driver_with_its_resources_arguments_and_settings()
    {
        var driver = Describe(properties: new()
        {
            ["spark.master"] = "spark://10.0.0.1:6066,10.0.0.2:6066",
            ["spark.driver.memory"] = "2g",
            ["spark.driver.cores"] = "3",
            ["spark.driver.supervise"] = "true",
            ["spark.app.name"] = "by-rest",
            ["spark.worker.timeout"] = "1s",
            ["spark.ssl.rpc.trustStore"] = "/their/ca.pem",
            ["spark.driver.host"] = "their.host",
        });

        using (Assert.EnterMultipleScope())
        {
            Assert.That((driver.MemoryMiB, driver.Cores, driver.Supervise), Is.EqualTo((2048, 3, true)));
            Assert.That(driver.Command.Arguments, Is.EqualTo(new[] { "first", "runs=0" }));
            Assert.That(driver.Command.MainClass, Is.EqualTo("Main"));
            Assert.That(driver.Command.Settings["spark.master"], Is.EqualTo("spark://10.0.0.1:7077,10.0.0.2:7077"), "the ports of messages");
            Assert.That(driver.Command.Settings.Keys, Is.EquivalentTo(new[] { "spark.master", "spark.driver.memory", "spark.driver.cores", "spark.app.name" }));
        }
    }

    [Test]
    public void Without_settings_a_driver_gets_one_core_one_gibibyte_and_the_address_of_the_master()
    {
        var driver = Describe(properties: []);

        Assert.That((driver.MemoryMiB, driver.Cores, driver.Supervise), Is.EqualTo((1024, 1, false)));
        Assert.That(driver.Command.Settings["spark.master"], Is.EqualTo("spark://10.0.0.1:7077"));
    }

    [TestCase("file:/opt/app/app.dll", "local:/opt/app/app.dll")]
    [TestCase("file:///opt/app/a%20b.dll", "local:/opt/app/a b.dll")]
    [TestCase("local:/opt/app/app.DLL", "local:/opt/app/app.DLL")]
    [TestCase("/opt/app/app.dll", "local:/opt/app/app.dll")]
    [TestCase("upload:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/app.dll",
        "upload:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/app.dll")]
    [Platform("Unix")]
    public void The_application_is_a_file_of_the_workers_or_an_uploaded_package(string resource, string url) =>
        Assert.That(Describe(resource).JarUrl, Is.EqualTo(url));

    [TestCase("http://169.254.169.254/latest/app.dll", "must be a file of the workers")]
    [TestCase("https://example.org/app.dll", "must be a file of the workers")]
    [TestCase("hdfs://nn/app.dll", "must be a file of the workers")]
    [TestCase("file://other.host/opt/app.dll", "must be a file of the workers")]
    [TestCase("upload:../../etc/app.dll", "must be a file of the workers")]
    [TestCase("app.dll", "must be an absolute path")]
    [TestCase("local:app.dll", "must be an absolute path")]
    [TestCase("file:/opt/spark/bench.jar", "must be the .dll of a .NET application")]
    [TestCase("", "must be an absolute path")]
    public void Another_application_is_refused_with_its_name(string resource, string reason) =>
        Assert.That(Refusal(() => Describe(resource)), Does.StartWith("Malformed request: appResource is '" + resource).And.Contains(reason));

    [TestCase("spark.driver.cores", "many", "Property 'spark.driver.cores' expected numeric value: actual was 'many'.")]
    [TestCase("spark.driver.memory", "big", "Property 'spark.driver.memory' expected memory value: actual was 'big'.")]
    [TestCase("spark.executor.memory", "1x", "Property 'spark.executor.memory' expected memory value: actual was '1x'.")]
    [TestCase("spark.driver.supervise", "perhaps", "Property 'spark.driver.supervise' expected boolean value: actual was 'perhaps'.")]
    [TestCase("spark.cores.max", "two", "Property 'spark.cores.max' expected numeric value: actual was 'two'.")]
    [TestCase("spark.master", "http://h:1", "Invalid master URL")]
    [TestCase("spark.my.password", "x", "Property 'spark.my.password' looks like a password")]
    [TestCase("other.key", "x", "'other.key' is not a key of a setting")]
    [TestCase("spark.app.name", "two\nlines", "control characters")]
    public void A_wrong_setting_is_refused_with_its_key(string key, string value, string reason) =>
        Assert.That(Refusal(() => Describe(properties: new() { [key] = value })), Does.StartWith("Malformed request: ").And.Contains(reason));

    [TestCase("PATH", "/theirs", "may not be set")]
    [TestCase("LD_PRELOAD", "/theirs.so", "may not be set")]
    [TestCase("DOTNET_STARTUP_HOOKS", "/theirs.dll", "may not be set")]
    [TestCase("dotnet_gcheapcount", "1", "may not be set")]
    [TestCase("COMPlus_x", "1", "may not be set")]
    [TestCase("SPARKISH_EXECUTOR_HOST", "/theirs", "may not be set")]
    [TestCase("SPARK_AUTHENTICATE_SECRET", "x", "may not be set")]
    [TestCase("DB_PASSWORD", "x", "looks like a password")]
    [TestCase("HARMLESS", "{{AWS_KEY}}", "refers to the environment of the master")]
    public void A_variable_that_decides_what_is_loaded_or_holds_a_secret_is_refused(string name, string value, string reason) =>
        Assert.That(Refusal(() => Describe(environment: new() { [name] = value })), Does.Contain($"'{name}'").And.Contains(reason));

    [Test]
    public void The_addresses_of_the_submitters_machine_are_left_out()
    {
        var driver = Describe(environment: new() { ["SPARK_LOCAL_IP"] = "10.9.9.9", ["SPARK_LOCAL_HOSTNAME"] = "theirs", ["MY_MODE"] = "fast" });

        Assert.That(driver.Command.Environment, Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["MY_MODE"] = "fast" }));
    }

    [TestCase("", "not valid JSON")]
    [TestCase("{\"action\":", "not valid JSON")]
    [TestCase("garbage", "not valid JSON")]
    [TestCase("[]", "must be an object")]
    [TestCase("null", "must be an object")]
    [TestCase("{}", "'action' is missing")]
    [TestCase("{\"action\":{}}", "'action' is a JSON Object")]
    [TestCase("{\"action\":\"a\",\"action\":\"b\"}", "not valid JSON")]
    [TestCase("{\"action\":\"\\ud800\"}", "not valid JSON")]
    [TestCase("[[[[[[[[[[[[]]]]]]]]]]]]", "not valid JSON")]
    [TestCase("{\"action\":\"CreateSubmissionRequest\"}", "Validation of message CreateSubmissionRequest failed!")]
    [TestCase("{\"action\":\"CreateSubmissionRequest\",\"clientSparkVersion\":\"4\",\"sparkProperties\":{}}", "'appResource' is missing")]
    [TestCase("{\"action\":\"CreateSubmissionRequest\",\"clientSparkVersion\":\"4\",\"sparkProperties\":{},\"appResource\":\"x\"}", "Main class is missing.")]
    [TestCase("{\"action\":\"CreateSubmissionRequest\",\"clientSparkVersion\":\"4\",\"sparkProperties\":[],\"appResource\":\"x\"}", "'sparkProperties' must be an object")]
    [TestCase("{\"action\":\"CreateSubmissionRequest\",\"clientSparkVersion\":\"4\",\"sparkProperties\":{},\"appResource\":\"x\",\"mainClass\":\"M\",\"appArgs\":\"x\"}",
        "'appArgs' must be an array")]
    public void A_body_that_is_not_the_request_is_told_why(string json, string reason)
    {
        var error = Assert.Throws<RestException>(() => CreateRequest.Parse(Encoding.UTF8.GetBytes(json)))!.Error;

        Assert.That((error.Status, error.Message), Is.EqualTo((400, error.Message)));
        Assert.That(error.Message, Does.StartWith("Malformed request: ").And.Contains(reason));
    }

    [Test]
    public void Numbers_and_booleans_count_as_texts_and_unknown_fields_are_named()
    {
        var request = CreateRequest.Parse(
            """
            {"action":"CreateSubmissionRequest","clientSparkVersion":"4.3.0","appResource":"/a.dll","mainClass":"M","mood":"good","tired":true,
             "sparkProperties":{"spark.driver.cores":2,"spark.driver.supervise":true}}
            """u8.ToArray());

        Assert.That(request.UnknownFields, Is.EqualTo(new[] { "mood", "tired" }));
        Assert.That(SubmittedDriver.Describe(request, Master, RestPort), Has.Property("Cores").EqualTo(2).And.Property("Supervise").True);
    }

    private static DriverDescription Describe(
        string resource = "file:/opt/app/app.dll", Dictionary<string, string>? properties = null, Dictionary<string, string>? environment = null) =>
        SubmittedDriver.Describe(
            CreateRequest.Parse(Encoding.UTF8.GetBytes(RestMaster.Submission(resource, properties, environment))), Master, RestPort);

    private static string Refusal(Action action) => Assert.Throws<RestException>(action)!.Message;
}
