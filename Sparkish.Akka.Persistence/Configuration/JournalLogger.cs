#pragma warning disable MA0048 // what brings the loggers to the logger
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Sparkish.Akka.Persistence.Configuration;

/// <summary>Hands what Akka and its plugins log to the program's loggers, without passwords.</summary>
internal sealed class JournalLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly ILoggerFactory? _loggers =
        Context.System.Settings.Setup.Get<JournalLoggers>() is { HasValue: true, Value: var loggers } ? loggers.Factory : null;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger: Sender.Tell(new LoggerInitialized()); break;
            case LogEvent m: OnLogEvent(m); break;
            default: Unhandled(message); break;
        }
    }

    private void OnLogEvent(LogEvent e)
    {
        var level = e.LogLevel() switch
        {
            global::Akka.Event.LogLevel.ErrorLevel => LogLevel.Error,
            global::Akka.Event.LogLevel.WarningLevel => LogLevel.Warning,
            global::Akka.Event.LogLevel.InfoLevel => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        if (_loggers?.CreateLogger("Akka") is { } log && log.IsEnabled(level))
            log.AkkaLogged(level, e.Cause, e.LogSource, Redaction.OfText(e.Message.ToString() ?? ""));
    }
}

/// <summary>Brings the program's loggers into the actor system.</summary>
internal sealed class JournalLoggers(ILoggerFactory factory) : Setup
{
    public ILoggerFactory Factory => factory;
}
