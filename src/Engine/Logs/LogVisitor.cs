namespace Rundlet.Engine.Logs;

/// <summary>Gets the records of a log, one after the other.</summary>
public delegate void LogVisitor(LogRecord record);
