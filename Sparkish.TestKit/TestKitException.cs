namespace Sparkish.TestKit;

/// <summary>An expectation of a test failed; the message names the expectation and everything received. Fails a test of any framework.</summary>
public sealed class TestKitException(string message, Exception? innerException = null) : Exception(message, innerException);
