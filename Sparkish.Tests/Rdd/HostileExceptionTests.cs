namespace Sparkish.Tests.Rdd;

/// <summary>Whatever a user's exception does when it is looked at, its job fails and nothing else.</summary>
internal sealed class HostileExceptionTests
{
    [Test]
    public void An_exception_that_cannot_describe_itself_fails_its_job_and_the_next_job_runs()
    {
        using var sc = LocalContext.Start();

        var error = Assert.Throws<SparkException>(() => sc.Parallelize(new[] { 1 }, 1).Map(Undescribable).Count());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.Contain("failed to describe itself"));
            Assert.That(sc.Parallelize(new[] { 1, 2 }, 1).Count(), Is.EqualTo(2));
        }
    }

    private static int Undescribable(int element) => throw new UndescribableException();

    private sealed class UndescribableException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");

        public override string? StackTrace => throw new InvalidOperationException("no trace");

        public override string ToString() => throw new InvalidOperationException("no text");
    }
}
