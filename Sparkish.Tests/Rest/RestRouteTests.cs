using Sparkish.Rest;

namespace Sparkish.Tests.Rest;

internal sealed class RestRouteTests
{
    [TestCase("/v1/submissions/create", RestAction.Create, null)]
    [TestCase("/v1/submissions/create/", RestAction.Create, null)]
    [TestCase("/v1/submissions/kill/driver-1", RestAction.Kill, "driver-1")]
    [TestCase("/v1/submissions/kill//driver-1/more", RestAction.Kill, "driver-1")]
    [TestCase("/v1/submissions/kill", RestAction.Kill, null)]
    [TestCase("/v1/submissions/killall", RestAction.KillAll, null)]
    [TestCase("/v1/submissions/status/driver-1", RestAction.Status, "driver-1")]
    [TestCase("/v1/submissions/clear", RestAction.Clear, null)]
    [TestCase("/v1/submissions/readyz", RestAction.Readyz, null)]
    public void A_path_names_an_action_and_a_driver(string path, object action, string? id) =>
        Assert.That(RestRoute.Parse(path), Is.EqualTo(new RestRoute((RestAction)action, id)));

    [TestCase("", 400, "Missing protocol version.")]
    [TestCase("/", 400, "Missing protocol version.")]
    [TestCase("/v1", 400, "Missing the /submissions prefix.")]
    [TestCase("/v1/", 400, "Missing the /submissions prefix.")]
    [TestCase("/v1/submissions", 400, "Missing an action: please specify one of /create, /kill, /killall, /clear, /status, or /readyz.")]
    [TestCase("/v1/submissions/bad", 400, "Missing an action: please specify one of /create, /kill, /killall, /clear, /status, or /readyz.")]
    [TestCase("/v1/submissions/CREATE", 400, "Missing an action")]
    [TestCase("/bad-version", 468, "Unknown protocol version 'bad-version'.")]
    [TestCase("/v99/submissions/create", 468, "Unknown protocol version 'v99'.")]
    [TestCase("/v1/nope", 468, "Unknown protocol version 'v1'.")]
    [TestCase("/submissions/create", 468, "Unknown protocol version 'submissions'.")]
    public void A_wrong_path_gets_the_answer_of_Spark(string path, int status, string message)
    {
        var error = Assert.Throws<RestException>(() => RestRoute.Parse(path))!.Error;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Status, Is.EqualTo(status));
            Assert.That(error.Message, Does.StartWith(message).And.EndWith(" Please submit requests through http://[host]:[port]/v1/submissions/..."));
            Assert.That(error.HighestProtocolVersion, Is.EqualTo(status == 468 ? "v1" : null));
        }
    }
}
